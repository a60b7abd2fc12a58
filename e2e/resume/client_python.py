"""python-socketio's client, which cannot resume: says what it sees, line by line.

usage: client_python.py URL NAME [WORDS TRANSPORTS]    with WORDS it asks for them once, without it each time it connects
"""

import asyncio
import sys

import socketio

url, name, *rest = sys.argv[1:]
WORDS = int(rest[0]) if rest else 200
transports = rest[1].split(",") if rest else ["websocket"]
sio = socketio.AsyncClient(reconnection_delay=0.1, reconnection_delay_max=0.3)
done = asyncio.Event()
asked = asyncio.Event()


@sio.event
async def connect():
    print(f"connect {sio.get_sid('/')}", flush=True)
    if not rest or not asked.is_set():
        asked.set()
        await sio.emit("stream", {"count": WORDS, "every": 4 if rest else 8})


@sio.event
def disconnect(reason):
    print(f"disconnect {reason}", flush=True)


@sio.on("*")
def anything(event, *values):
    print(f"event {event}", flush=True)
    if event == "word":
        word(*values)


def word(n, ending=None):
    print(f"word {n}", flush=True)
    if n == WORDS:
        done.set()


async def main():
    await sio.connect(url, transports=transports, socketio_path="/ws/socket.io", auth={"name": name, "token": f"token of {name}"})
    await asyncio.wait_for(done.wait(), 90 if rest else 20)
    if rest:
        await sio.call("echo", "last")
    print("all words", flush=True)
    if rest:
        # The test cuts the connection once more, and ends this process.
        await asyncio.sleep(120)
    await sio.disconnect()


asyncio.run(main())
