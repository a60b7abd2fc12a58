"""A python-socketio server under uvicorn, mounted and limited as Open WebUI's.

usage: upstream_python.py PORT [--ping-interval S] [--ping-timeout S] [--no-websocket]
Does what upstream-node.mjs does. GET /transcript?name=N: what each socket whose auth.name is N did, as JSON.
"""

import argparse
import asyncio
import hashlib
import json
from urllib.parse import parse_qs

import engineio.payload
import socketio
import uvicorn

arguments = argparse.ArgumentParser()
arguments.add_argument("port", type=int)
arguments.add_argument("--ping-interval", type=float, default=25)
arguments.add_argument("--ping-timeout", type=float, default=20)
arguments.add_argument("--no-websocket", action="store_true")
options = arguments.parse_args()

# Else a client that talks to it directly by polling loses whatever it sends at once: the default is 16 packets.
engineio.payload.Payload.max_decode_packets = 100_000

sio = socketio.AsyncServer(
    async_mode="asgi",
    cors_allowed_origins="*",
    always_connect=True,
    transports=["polling"] if options.no_websocket else None,
    allow_upgrades=not options.no_websocket,
    max_http_buffer_size=16 * 1024 * 1024,
    ping_interval=options.ping_interval,
    ping_timeout=options.ping_timeout,
)
transcripts = {}
drops = {}


def sha256(values):
    digest = hashlib.sha256()
    for value in values:
        if isinstance(value, bytes):
            digest.update(value)
        elif isinstance(value, str):
            digest.update(value.encode())
        else:
            digest.update(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())
    return digest.hexdigest()


def brief(value):
    """What a transcript keeps of a value: bytes and long texts by digest."""
    if isinstance(value, bytes):
        return {"bytes": len(value), "sha256": sha256([value])}
    if isinstance(value, str) and len(value) > 100:
        return {"text": len(value), "sha256": sha256([value])}
    if isinstance(value, (list, tuple)):
        return [brief(one) for one in value]
    if isinstance(value, dict):
        return {key: brief(one) for key, one in value.items()}
    return value


class Room(socketio.AsyncNamespace):
    """What both namespaces do. A handler's return value is the acknowledgement."""

    async def note(self, sid, what, *values):
        (await self.get_session(sid))["log"].append([self.namespace, what, *map(brief, values)])

    async def on_connect(self, sid, environ, auth=None):
        auth = auth or {}
        query = parse_qs(environ["QUERY_STRING"])
        drops[self.namespace, sid] = []
        log = []
        transcripts.setdefault(auth.get("name"), []).append(log)
        await self.save_session(sid, {"log": log, "environ": environ})
        await self.note(sid, "connection", auth, query.get("from", [None])[0])
        await self.emit("welcome", {"to": auth.get("name"), "words": 'Grüße, 世界 \u2028 "quoted"'}, to=sid)

    async def on_disconnect(self, sid, reason):
        await self.note(sid, "disconnect", reason)

    async def on_echo(self, sid, *values):
        await self.note(sid, "echo", *values)
        return values

    async def on_shout(self, sid, *values):
        await self.note(sid, "shout", *values)
        await self.emit("echoed", values, to=sid)

    async def on_ask(self, sid, event, *values):
        await self.note(sid, "ask", event, *values)
        said = await self.call(event, values, to=sid, timeout=20)
        await self.note(sid, "answered", said)
        return said

    async def on_pour(self, sid, count):
        await self.note(sid, "pour", count)
        for n in range(count):
            await self.emit("drop", (n, f"server {n}"), to=sid)
        return count

    def on_drop(self, sid, n, text):
        drops[self.namespace, sid].append([n, text])

    async def on_collected(self, sid):
        mine = drops[self.namespace, sid]
        await self.note(sid, "drops", len(mine), sha256(mine))
        return {"count": len(mine), "sha256": sha256(mine)}

    async def on_large(self, sid, size):
        await self.call("large", "x" * size, to=sid, timeout=30)
        return "arrived"

    async def on_bye(self, sid, close):
        await self.note(sid, "bye", close)
        await self.disconnect(sid)

    async def on_cut(self, sid):
        await self.note(sid, "cut")
        await self.server.eio.disconnect(self.server.manager.eio_sid_from_sid(sid, self.namespace))

    async def on_headers(self, sid):
        environ = (await self.get_session(sid))["environ"]
        return {name[5:].lower().replace("_", "-"): value for name, value in environ.items() if name.startswith("HTTP_")}


class Closed(Room):
    async def on_connect(self, sid, environ, auth=None):
        raise socketio.exceptions.ConnectionRefusedError("not authorised", {"code": 7})


sio.register_namespace(Room("/"))
sio.register_namespace(Room("/chat"))
sio.register_namespace(Closed("/closed"))


async def http(scope, receive, send):
    if scope["type"] != "http":
        return
    query = parse_qs(scope["query_string"].decode())
    known = {"/health": {"status": True}, "/transcript": transcripts.get(query.get("name", [None])[0], [])}
    body = json.dumps(known.get(scope["path"])).encode()
    status = 200 if scope["path"] in known else 404
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def main():
    application = socketio.ASGIApp(sio, http, socketio_path="/ws/socket.io")
    server = uvicorn.Server(uvicorn.Config(application, host="127.0.0.1", port=options.port, log_level="warning"))
    serving = asyncio.create_task(server.serve())
    while not server.started and not serving.done():
        await asyncio.sleep(0.05)
    print(f"listening on {options.port}", flush=True)
    await serving


asyncio.run(main())
