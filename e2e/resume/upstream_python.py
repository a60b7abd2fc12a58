"""A python-socketio server under uvicorn, mounted as Open WebUI's. usage: upstream_python.py PORT

Does what upstream-node.mjs does.
"""

import asyncio
import json
import sys
from urllib.parse import parse_qs

import engineio.payload
import socketio
import uvicorn

HEARTBEAT_S = 5
engineio.payload.Payload.max_decode_packets = 100_000
port = int(sys.argv[1])
journals = {}
names = {}
newest = {}
sent = {}
background = set()


def journal(name):
    return journals.setdefault(name, [])


class Server(socketio.AsyncServer):
    """Notes each acknowledgement that comes, whether or not anybody waits for it."""

    async def _handle_ack(self, eio_sid, namespace, id, data):
        sid = self.manager.sid_from_eio_sid(eio_sid, namespace or "/")
        journal(names.get(sid)).append(["ack", f"{id}{json.dumps(data)}"])
        await super()._handle_ack(eio_sid, namespace, id, data)


sio = Server(async_mode="asgi", cors_allowed_origins="*", always_connect=True, max_http_buffer_size=16 * 1024 * 1024)


def word(n, binary):
    ending = [None, {"of": n}, f"word {n}", [n, None, "last"], "", f"word {n}".encode() if binary else -n / 2][n % 6]
    return (n,) if ending is None else (n, ending)


async def question(name, value):
    journal(name).append(["asked", value])
    try:
        said = await sio.call("question", value, to=newest[name], timeout=60)
        journal(name).append(["answered", value, said])
    except Exception as error:
        journal(name).append(["unanswered", value, repr(error)])


def start(coroutine):
    task = asyncio.create_task(coroutine)
    background.add(task)
    task.add_done_callback(background.discard)


@sio.event
async def connect(sid, environ, auth=None):
    auth = dict(auth or {})
    name = names[sid] = auth.pop("name", None)
    newest[name] = sid
    await sio.enter_room(sid, f"user:{name}")
    journal(name).append(["connect", sid, auth, sent.get(name, 0)])


@sio.event
async def disconnect(sid, reason):
    journal(names[sid]).append(["disconnect", reason])


@sio.event
async def note(sid, *values):
    journal(names[sid]).append(["note", *values])


@sio.event
async def heartbeat(sid, *values):
    journal(names[sid]).append(["heartbeat", *values])


@sio.event
async def echo(sid, *values):
    return values


@sio.event
async def stream(sid, how):
    name, count = names[sid], how["count"]
    for n in range(1, count + 1):
        if how.get("every"):
            await asyncio.sleep(how["every"] / 1000)
        sent[name] = n
        await sio.emit("word", word(n, how.get("binary")), room=f"user:{name}")
    journal(name).append(["streamed", count])


async def act(path, name, value):
    if path == "/health":
        return {"status": True}
    if path == "/api/config":
        return {"features": {"enable_websocket": True, "websocket_heartbeat_interval": HEARTBEAT_S}}
    if path == "/journal":
        return journal(name)
    if path == "/call":
        start(question(name, value))
    if path == "/say":
        await sio.emit("said", value, room=f"user:{name}")
    if path == "/bye":
        await sio.disconnect(newest[name])
    return True


async def http(scope, receive, send):
    if scope["type"] != "http":
        return
    query = {key: values[0] for key, values in parse_qs(scope["query_string"].decode()).items()}
    known = scope["path"] in ("/health", "/api/config", "/journal", "/call", "/say", "/bye")
    body = json.dumps(await act(scope["path"], query.get("name"), query.get("value")) if known else None).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200 if known else 404, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def main():
    application = socketio.ASGIApp(sio, http, socketio_path="/ws/socket.io")
    server = uvicorn.Server(uvicorn.Config(application, host="127.0.0.1", port=port, log_level="warning"))
    serving = asyncio.create_task(server.serve())
    while not server.started and not serving.done():
        await asyncio.sleep(0.05)
    print(f"listening on {port}", flush=True)
    await serving


asyncio.run(main())
