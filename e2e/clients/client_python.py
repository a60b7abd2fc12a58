"""python-socketio's client: says to the server what scenarios.mjs says, and prints what it saw as one JSON array.

usage: client_python.py URL TRANSPORTS NAME SCENARIO    (TRANSPORTS: websocket, polling or polling,websocket)
"""

import asyncio
import hashlib
import json
import sys

import engineio.payload
import socketio

engineio.payload.Payload.max_decode_packets = 100_000  # default 16: more in one polling response is an error
url, transports, name, scenario = sys.argv[1:5]
transports = transports.split(",")
log = []
MANY = 10_000
TEN_MEGABYTES = 10_000_000


def sha256(values):
    digest = hashlib.sha256()
    for value in values:
        digest.update(value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode())
    return digest.hexdigest()


def brief(value):
    if isinstance(value, bytes):
        return {"bytes": len(value), "sha256": sha256([value])}
    if isinstance(value, str) and len(value) > 100:
        return {"text": len(value), "sha256": sha256([value])}
    if isinstance(value, (list, tuple)):
        return [brief(one) for one in value]
    if isinstance(value, dict):
        return {key: brief(one) for key, one in value.items()}
    return value


def note(what, *values):
    log.append([what, *map(brief, values)])


class Client:
    """One connected client, its transport upgraded if it is to be."""

    async def __aenter__(self):
        self.sio = socketio.AsyncClient(reconnection=False, websocket_extra_options={"max_msg_size": 0})
        self.drops = []
        self.gone = asyncio.Event()
        self.welcome = asyncio.Event()
        for namespace in ("/", "/chat"):
            self.sio.on("connect", lambda n=namespace: note("connect", n), namespace=namespace)
            self.sio.on("question", lambda *values: ("heard", *values), namespace=namespace)
        self.sio.on("disconnect", self.left)
        self.sio.on("connect_error", lambda *values: note("connect_error"), namespace="/nowhere")
        self.sio.on("welcome", self.welcomed)
        self.sio.on("echoed", lambda *values: note("echoed", *values))
        self.sio.on("drop", lambda *values: self.drops.append(values))
        self.sio.on("large", lambda text: "heard")
        await self.sio.connect(
            f"{url}?from=a%20test",
            transports=transports,
            socketio_path="/ws/socket.io",
            namespaces=["/", "/chat"] if scenario == "namespaces" else ["/"],
            auth={"name": name, "token": "ünïcode"},
        )
        await asyncio.wait_for(self.welcome.wait(), 10)
        return self

    async def __aexit__(self, *_):
        # While a POST is on its way, python-engineio forgets what is said at the end, and hangs in its GET.
        if self.sio.connected:
            await self.sio.eio.queue.join()
        await self.sio.disconnect()

    def left(self, reason):
        note("disconnect", reason)
        self.gone.set()

    def welcomed(self, *values):
        note("welcome", *values)
        self.welcome.set()

    async def ask(self, event, *values, namespace="/"):
        return await self.sio.call(event, values, timeout=30, namespace=namespace)


async def greeting(client):
    note("transport", client.sio.transport())


async def acknowledgements(client):
    values = [1, -0.5, "Grüße, 世界 😀", "", None, True, {"deep": [{"er": []}, {}]}]
    note("answer", await client.ask("echo", *values))
    note("answer", await client.ask("ask", "question", {"of": "the server"}, "ß"))
    for n in range(50):
        note("answer", await client.ask("echo", n, f"call {n}"))


async def binary(client):
    values = [b"Holdfast \x00\x1e\xff" * 100, {"in": {"an": ["object", b"abc"]}}, b"", "text", bytes(70_000)]
    note("answer", await client.ask("echo", *values))
    note("answer", await client.ask("ask", "question", b"\x00\xff" * 1000, {"more": b"x"}))


async def namespaces(client):
    note("sids differ", client.sio.get_sid("/") != client.sio.get_sid("/chat"))
    note("answer", await client.ask("echo", "root", b"r"))
    note("answer", await client.ask("echo", "chat", b"c", namespace="/chat"))


async def order(client):
    poured = asyncio.create_task(client.ask("pour", MANY))
    for n in range(MANY):
        await client.sio.emit("drop", (n, f"client {n}"))
    note("collected", await client.ask("collected"))
    note("poured", await poured, len(client.drops), sha256([list(drop) for drop in client.drops]))


async def large(client):
    note("answer", await client.ask("echo", "x" * TEN_MEGABYTES))
    note("answer", await client.ask("large", TEN_MEGABYTES))


async def server_leaves(client):
    await client.sio.emit("bye", False)
    await asyncio.wait_for(client.gone.wait(), 10)


async def main():
    async with Client() as client:
        await globals()[scenario](client)
    print(json.dumps(log))


asyncio.run(main())
