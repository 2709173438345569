"""The shop's server when it stops: a pod that is moved must cost no order."""

import asyncio
from http import HTTPStatus

import pytest

from gameday.demo.http_client import CallError, HttpClient
from gameday.demo.http_server import HttpServer
from gameday.demo.messages import Reply, Request


class Slow:
    """A handler that answers when it may."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.may = asyncio.Event()

    async def answer(self, _request: Request) -> Reply:
        self.asked.set()
        await self.may.wait()
        return Reply.of({"sold": True})


async def stopped_while_it_answers(goes_on: bool) -> Reply:
    slow = Slow()
    server = HttpServer("slow", {("POST", "/buy"): slow.answer}, "127.0.0.1", 0)
    await server.__aenter__()
    client = HttpClient(server.url, 10.0)
    try:
        buying = asyncio.ensure_future(client.call("POST", "/buy"))
        await slow.asked.wait()
        stopping = asyncio.ensure_future(server.__aexit__(None, None, None))
        if goes_on:
            slow.may.set()
        await stopping
        return await buying
    finally:
        await client.close()


def test_what_is_being_answered_is_answered() -> None:
    assert asyncio.run(stopped_while_it_answers(True)).status == HTTPStatus.OK


def test_what_takes_too_long_is_cut_off() -> None:
    with pytest.raises(CallError, match="ConnectionClosed"):
        asyncio.run(stopped_while_it_answers(False))


def test_who_asks_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gameday.demo.http_server.LAST_ANSWERS_S", 3600.0)

    async def idle() -> None:
        async with HttpServer("idle", {}, "127.0.0.1", 0) as server:
            client = HttpClient(server.url, 10.0)
            assert (await client.call("GET", "/healthz")).status == HTTPStatus.OK
        await client.close()

    asyncio.run(idle())


def test_the_last_answer_says_that_it_is_the_last() -> None:
    async def last() -> bytes:
        slow = Slow()
        server = HttpServer("slow", {("GET", "/buy"): slow.answer}, "127.0.0.1", 0)
        await server.__aenter__()
        host, port = server.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET /buy HTTP/1.1\r\nHost: shop\r\n\r\n")
        await slow.asked.wait()
        stopping = asyncio.ensure_future(server.__aexit__(None, None, None))
        await asyncio.sleep(0)
        slow.may.set()
        await stopping
        answer = await reader.read()
        writer.close()
        return answer

    assert b"connection: close" in asyncio.run(last()).lower()
