"""The fault proxy as a whole: its API's listener and its proxies."""

import asyncio
from http import HTTPStatus
from types import TracebackType
from typing import Self

from gameday.faultproxy import listener
from gameday.faultproxy.address import BACKLOG, Address, bind
from gameday.faultproxy.api import Api, Request
from gameday.faultproxy.collection import ProxyCollection
from gameday.faultproxy.http import HttpConnection


class FaultProxy:
    """The fault proxy as an async context manager: listening inside, all closed after."""

    def __init__(self, host: str = "127.0.0.1", port: int = 8474) -> None:
        self._wanted = Address(host, port)
        self._listen = ""
        self._proxies = ProxyCollection()
        self._api = Api(self._proxies)
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The base URL of the API, with the real port."""
        return f"http://{self._listen}"

    async def populate(self, config: bytes) -> None:
        """Create the proxies of a Toxiproxy configuration file. Raises ApiError, ValueError."""
        answer = await self._api.handle(Request("POST", "/populate", config))
        if answer.status != HTTPStatus.CREATED:
            raise ValueError(answer.body.decode().strip())

    async def __aenter__(self) -> Self:
        """Start listening. Raises ListenError."""
        sock, self._listen = await bind(str(self._wanted))
        self._server = await asyncio.start_server(self._accept, sock=sock, backlog=BACKLOG)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the API, every proxy and every connection."""
        if self._server is not None:
            await listener.close(self._server)
        for task in tuple(self._serving):
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        await self._proxies.close()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving = HttpConnection(self._api, reader, writer).serve()
        task = asyncio.get_running_loop().create_task(serving)
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
