"""A python-socketio server as Open WebUI sets it up, that keeps what each client makes it do.

usage: upstream.py PORT
A client says in its query which case it is: case=NAME. GET /records: what happened in each case, as JSON.
Open WebUI allows one transport; this one allows both, so that both can be tried without Holdfast.
"""

import asyncio
import json
import logging
import math
import sys
from urllib.parse import parse_qsl

import socketio
import uvicorn

RESERVED = ("EIO", "transport", "sid", "t", "b64", "j", "case")
HEADERS = ("HTTP_COOKIE", "HTTP_AUTHORIZATION", "HTTP_ACCEPT_LANGUAGE")

quiet = logging.getLogger("quiet")
quiet.setLevel(logging.CRITICAL + 1)
sio = socketio.AsyncServer(
    async_mode="asgi",
    cors_allowed_origins="*",
    always_connect=True,
    logger=quiet,
    engineio_logger=quiet,
    max_http_buffer_size=100_000,
)
records = {}
cases = {}


def shown(value):
    """A value as JSON can hold it; what JSON cannot hold is told apart from what it can."""
    if isinstance(value, (bytes, bytearray)):
        return {"hex": value.hex()}
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53:
        return {"int": str(value)}
    if isinstance(value, (list, tuple)):
        return [shown(one) for one in value]
    if isinstance(value, dict):
        return {key: shown(one) for key, one in value.items()}
    return value


def note(namespace, sid, what, *values):
    records.setdefault(cases[sid], []).append([namespace, what, *map(shown, values)])


def connect(namespace):
    def on_connect(sid, environ, auth=None):
        query = parse_qsl(environ["QUERY_STRING"], keep_blank_values=True)
        cases[sid] = dict(query).get("case")
        application = sorted([name, value] for name, value in query if name not in RESERVED)
        note(namespace, sid, "connect", auth, application, [environ.get(name) for name in HEADERS])

    return on_connect


def disconnect(namespace):
    def on_disconnect(sid, reason):
        note(namespace, sid, "disconnect")

    return on_disconnect


def event(namespace):
    async def on_event(name, sid, *values):
        note(namespace, sid, "event", name, *values)
        if name == "ask":
            await sio.emit("question", values, to=sid, namespace=namespace, callback=lambda *said: note(namespace, sid, "answer", *said))
            return None
        if name == "bye":
            await sio.disconnect(sid, namespace=namespace)
            return None
        return values

    return on_event


for each in ("/", "/chat", "/fin"):
    sio.on("connect", connect(each), namespace=each)
    sio.on("disconnect", disconnect(each), namespace=each)
    sio.on("*", event(each), namespace=each)


async def http(scope, receive, send):
    if scope["type"] != "http":
        return
    known = {"/health": {"status": True}, "/records": records}
    body = json.dumps(known.get(scope["path"])).encode()
    status = 200 if scope["path"] in known else 404
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def main():
    application = socketio.ASGIApp(sio, http, socketio_path="/ws/socket.io")
    config = uvicorn.Config(application, host="127.0.0.1", port=int(sys.argv[1]), log_level="critical")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started and not serving.done():
        await asyncio.sleep(0.05)
    print(f"listening on {sys.argv[1]}", flush=True)
    await serving


asyncio.run(main())
