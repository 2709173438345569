"""One Kubernetes API server: objects as plain JSON, a time-out on each call, errors that lead on.

The connection (kubeconfig, tokens, certificates, exec plug-ins) is the kubernetes package's.
Objects are left as the server wrote them, because an exact restoration needs every field.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode

from gameday.engine.faults import FaultFailure, FaultRejected

if TYPE_CHECKING:
    from kubernetes.client import ApiClient

TIMEOUT = 5.0
"""Seconds for each step of a call: connect, and each read."""

IN_CLUSTER = "in-cluster"
"""The context of a process that runs in a pod, with the pod's own service account."""

MANAGER = "gameday"
"""Name under which gameday changes objects."""

Object = dict[str, Any]

_MERGE = "application/merge-patch+json"
_NO_ANSWER = (
    "the API server does not answer: start it, or wait until it can be reached; "
    "`gameday recover` undoes what is left"
)
_ADVICE: Mapping[int, str] = {
    0: _NO_ANSWER,
    401: "the credentials are not accepted, or have expired: log in again",
    403: "this account may not do that: the Roles under deploy/rbac/ say what each fault needs",
}


class ClusterFailure(FaultFailure):
    """The API server did not do what was asked. ``status``: its answer, 0 when there was none."""

    def __init__(self, message: str, status: int = 0) -> None:
        advice = _ADVICE.get(status)
        super().__init__(f"{message} ({advice})" if advice else message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Output:
    """What a command in a container said. code: its exit code."""

    stdout: str
    stderr: str
    code: int


class Cluster:
    """An API server as one account sees it; to be closed, as a context does."""

    def __init__(self, api: ApiClient, context: str) -> None:
        self._api = api
        self.context = context
        self.server = str(api.configuration.host).rstrip("/")

    @classmethod
    def connect(cls, context: str, server: str | None) -> Cluster:
        """The cluster of a context, which must be the one at ``server``: a kubeconfig that was
        changed meanwhile must not lead a fault into another cluster. None: whichever it is.

        Raises FaultRejected when there is no such context or it leads elsewhere. Calls nobody.
        """
        found = cls(_client(context), context)
        if server is not None and found.server != server.rstrip("/"):
            raise FaultRejected(
                f"context {context!r} leads to {found.server}, and the experiment names {server}: "
                "correct api_server, or the kubeconfig"
            )
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._api.rest_client.pool_manager.clear()

    def get(self, path: str) -> Object | None:
        """An object; None when there is none."""
        try:
            return self._call("GET", path)
        except ClusterFailure as failure:
            if failure.status == 404:
                return None
            raise

    def list(self, path: str, selector: str = "") -> Sequence[Object]:
        """The objects of a collection that a label selector matches; all without one."""
        query = f"?{urlencode({'labelSelector': selector})}" if selector else ""
        items: Sequence[Object] = self._call("GET", path + query)["items"]
        return items

    def create(self, path: str, body: Mapping[str, Any]) -> Object:
        """Create an object; 409 when there is one of that name."""
        return self._call("POST", path, body)

    def patch(self, path: str, change: Mapping[str, Any]) -> Object:
        """Merge a change. With ``metadata.resourceVersion`` in it, 409 when the object is another
        by now."""
        return self._call("PATCH", path, change, _MERGE)

    def replace(self, path: str, body: Mapping[str, Any]) -> Object:
        """Replace an object by what ``body`` says; its resourceVersion is the precondition."""
        return self._call("PUT", path, body)

    def delete(self, path: str, uid: str = "", grace: int | None = None) -> bool:
        """Delete an object; with ``uid`` only that one and no other of its name. False when it
        was not there (any more)."""
        options: Object = {"propagationPolicy": "Background"}
        if uid:
            options["preconditions"] = {"uid": uid}
        if grace is not None:
            options["gracePeriodSeconds"] = grace
        try:
            self._call("DELETE", path, options)
        except ClusterFailure as failure:
            if failure.status not in (404, 409):
                raise
            return False
        return True

    def run(
        self, namespace: str, pod: str, command: Sequence[str], container: str, within: float
    ) -> Output:
        """Run a command in a container and wait for its end. Raises ClusterFailure when it cannot
        be started or has not ended ``within`` seconds; it may then still run."""
        from kubernetes.client import ApiException, CoreV1Api
        from kubernetes.stream import stream
        from urllib3.exceptions import HTTPError
        from websocket import WebSocketException

        where = f"exec in {namespace}/{pod}"
        options: Object = {"container": container} if container else {}
        try:
            talk = stream(
                CoreV1Api(self._api).connect_get_namespaced_pod_exec,
                pod,
                namespace,
                command=list(command),
                stdout=True,
                stderr=True,
                _preload_content=False,
                _request_timeout=within,
                **options,
            )
            try:
                talk.run_forever(timeout=within)
            finally:
                over = not talk.is_open()
                talk.close()
                talk.sock.shutdown()  # close() leaves the socket open when the other end has closed
        except ApiException as error:
            refused = re.search(r"Handshake status (\d+) [\w ]+", str(error.reason))
            status = int(refused[1]) if refused else int(error.status or 0)
            said = refused[0] if refused else error.reason
            raise ClusterFailure(f"{where}: {said}", status) from error
        except (WebSocketException, HTTPError, OSError) as error:
            raise ClusterFailure(f"{where}: {error}") from error
        if not over:
            raise ClusterFailure(f"{where}: not done within {within:g} s", status=-1)
        return Output(talk.read_stdout(), talk.read_stderr(), int(talk.returncode or 0))

    def _call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, content: str = ""
    ) -> Object:
        from kubernetes.client import ApiException
        from urllib3.exceptions import HTTPError

        headers = {"Accept": "application/json", "Content-Type": content or "application/json"}
        token = self._api.configuration.auth_settings().get("BearerToken")
        if token is not None:
            headers[token["key"]] = token["value"]
        asked = f"{method} {self.server}{path}"
        if method in ("POST", "PATCH", "PUT"):  # so that a witness knows our changes from people's
            path += f"{'&' if '?' in path else '?'}fieldManager={MANAGER}"
        try:
            answer = self._api.rest_client.request(  # type: ignore[no-untyped-call]
                method,
                self.server + path,
                headers=headers,
                body=None if body is None else dict(body),
                _request_timeout=(TIMEOUT, TIMEOUT),
            )
            text = answer.data if answer.data is not None else answer.read()
        except ApiException as error:  # releases of the package differ in who raises
            raise _refusal(asked, int(error.status or 0), error.body) from error
        except (HTTPError, OSError) as error:
            raise ClusterFailure(f"{asked}: {error}") from error
        if answer.status >= 300:
            raise _refusal(asked, answer.status, text)
        try:
            found: Object = json.loads(text)
        except ValueError as error:
            raise ClusterFailure(f"{asked}: not an answer of Kubernetes", -1) from error
        return found


def _client(context: str) -> ApiClient:
    from kubernetes import config
    from kubernetes.client import ApiClient, Configuration

    settings = Configuration()
    try:
        if context == IN_CLUSTER:
            config.load_incluster_config(client_configuration=settings)  # type: ignore[no-untyped-call]
        else:
            # named, because the package reads the variable once, when it is imported
            file = os.environ.get("KUBECONFIG")
            config.load_kube_config(file, context, settings)  # type: ignore[no-untyped-call]
    except config.ConfigException as error:
        raise FaultRejected(
            f"there is no Kubernetes context {context!r}: {error} "
            "(`kubectl config get-contexts` lists them; KUBECONFIG names the file)"
        ) from error
    settings.retries = False  # who retries decides that here, and says so
    return ApiClient(settings)


def _refusal(asked: str, status: int, body: str | bytes | None) -> ClusterFailure:
    try:
        said = json.loads(body or "")["message"]
    except (ValueError, LookupError, TypeError):
        said = str(body)[:200]
    return ClusterFailure(f"{asked}: {status} {said}", status)
