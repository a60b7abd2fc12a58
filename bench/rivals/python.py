"""python-socketio under uvicorn, mounted and limited as Open WebUI's, emitting on command: see bench/internal/openwebui/rooms.go.

usage: python.py PORT
"""

import asyncio
import json
import sys
import time

import socketio
import uvicorn

LETTERS = "abcdefghijklmnopqrstuvwxyz"
FILLER = LETTERS * 700

sio = socketio.AsyncServer(
    async_mode="asgi",
    cors_allowed_origins="*",
    always_connect=True,
    max_http_buffer_size=16 * 1024 * 1024,
)
newest = {}
clients = {}


def say(*words):
    print(*words)


@sio.event
async def connect(sid, environ, auth=None):
    client = (auth or {}).get("client")
    if client is None:
        return
    clients[sid] = client
    newest[client] = sid
    await sio.enter_room(sid, f"client-{client}")
    say("joined", client, time.time_ns() // 1000)


@sio.event
async def disconnect(sid, reason):
    if sid in clients:
        say("left", clients.pop(sid))


@sio.event
async def note(sid, k):
    say("note", clients.get(sid), k)


async def obey(line):
    client, n, kind, size = line.split()
    client, n, size = int(client), int(n), int(size)
    at = n % len(LETTERS)
    value = {"n": n, "p": FILLER[at : at + size]}
    if kind == "c":
        if client in newest:

            def answered(*answer):
                say("answer", client, n, answer[0] if answer else -1)

            await sio.emit("e", value, to=newest[client], callback=answered)
        return
    last = {"d": (value, n), "s": (value, "the end")}.get(kind, value)
    await sio.emit("e", last, room=f"client-{client}")


async def commands():
    reader = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        await obey(line.decode())
    sys.exit(0)


async def flush():
    while True:
        sys.stdout.flush()
        await asyncio.sleep(0.02)


async def http(scope, receive, send):
    if scope["type"] != "http":
        return
    body = json.dumps({"status": True}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def main():
    application = socketio.ASGIApp(sio, http, socketio_path="/ws/socket.io")
    config = uvicorn.Config(application, host="127.0.0.1", port=int(sys.argv[1]), log_level="error", backlog=4096)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started and not serving.done():
        await asyncio.sleep(0.02)
    say(sys.argv[1])
    tasks = [serving, asyncio.create_task(commands()), asyncio.create_task(flush())]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)


asyncio.run(main())
