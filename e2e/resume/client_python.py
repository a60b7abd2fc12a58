"""python-socketio's client, which cannot resume: says what it sees, line by line. usage: client_python.py URL NAME"""

import asyncio
import sys

import socketio

url, name = sys.argv[1:]
WORDS = 200
sio = socketio.AsyncClient(reconnection_delay=0.1, reconnection_delay_max=0.3)
done = asyncio.Event()


@sio.event
async def connect():
    print(f"connect {sio.get_sid('/')}", flush=True)
    await sio.emit("stream", {"count": WORDS, "every": 8})


@sio.event
def word(n, ending=None):
    print(f"word {n}", flush=True)
    if n == WORDS:
        done.set()


async def main():
    await sio.connect(url, transports=["websocket"], socketio_path="/ws/socket.io", auth={"name": name})
    await asyncio.wait_for(done.wait(), 20)
    print("all words", flush=True)
    await sio.disconnect()


asyncio.run(main())
