"""A user of the Open WebUI at URL, on the connections that its page uses.

chat.py ask URL    signs up and asks for a streamed answer. The request names the Socket.IO session; the
                   words then arrive as events on its WebSocket. They are to be all there and in order.
chat.py stay URL   signs in, says "connected", and ends when the gateway closes the session.
"""

import asyncio
import sys
import time
import uuid

import aiohttp
import socketio

BEGAN = time.monotonic()
EXPECTED = "".join(f"word{n} " for n in range(1, 201)).strip()


def step(what):
    """Said before each, so that one that fails or takes long is known."""
    print(f"{time.monotonic() - BEGAN:.1f} s: {what}")


class Answer:
    """The text of one answer, put together from its events."""

    def __init__(self):
        self.deltas, self.events, self.done = [], 0, asyncio.Event()

    async def on_event(self, event, *_):
        kind, data = event["data"]["type"], event["data"].get("data") or {}
        self.events += 1
        if kind == "response:completion" and data.get("type") == "response.output_text.delta":
            self.deltas.append(data["delta"])
        if kind == "chat:completion" and data.get("done"):
            self.done.set()

    def text(self):
        return "".join(self.deltas).strip()


USER = {"name": "Ada", "email": "ada@example.org", "password": "correct horse battery staple"}


async def token_of(http, path):
    async with http.post(path, json=USER) as response:
        assert response.status == 200, await response.text()
        return (await response.json())["token"]


async def connect(url, token):
    client = socketio.AsyncClient(reconnection=False)
    answer = Answer()
    client.on("events", answer.on_event)
    step("connect")
    await client.connect(
        url, auth={"token": token}, transports=["websocket"], socketio_path="/ws/socket.io", wait_timeout=20
    )
    step("user-join")
    joined = await client.call("user-join", {"auth": {"token": token}}, timeout=20)
    assert joined and joined["name"] == "Ada", joined
    return client, answer


async def request(http, token, sid):
    body = {
        "model": "numbers",
        "stream": True,
        "messages": [{"role": "user", "content": "count"}],
        "session_id": sid,
        "chat_id": f"temporary:{sid}",
        "id": str(uuid.uuid4()),
    }
    step("models")
    async with http.get("/api/models", headers={"Authorization": f"Bearer {token}"}) as response:
        assert "numbers" in [model["id"] for model in (await response.json())["data"]]
    step("completion")
    async with http.post("/api/chat/completions", json=body, headers={"Authorization": f"Bearer {token}"}) as response:
        assert response.status == 200, await response.text()


async def ask(url):
    async with aiohttp.ClientSession(url) as http:
        step("sign-up")
        token = await token_of(http, "/api/v1/auths/signup")
        client, answer = await connect(url, token)
        await request(http, token, client.get_sid())
        step("answer")
        await asyncio.wait_for(answer.done.wait(), 60)
        await client.disconnect()
    assert answer.text() == EXPECTED, f"{len(answer.text().split())} words: {answer.text()[:200]}"
    assert len(answer.deltas) > 20, f"not streamed: {len(answer.deltas)} parts"
    print(f"200 words in {len(answer.deltas)} parts, {answer.events} events")


async def stay(url):
    async with aiohttp.ClientSession(url) as http:
        client, _ = await connect(url, await token_of(http, "/api/v1/auths/signin"))
    print("connected", flush=True)
    await asyncio.wait_for(client.wait(), 120)
    print("closed")


asyncio.run({"ask": ask, "stay": stay}[sys.argv[1]](sys.argv[2]))
