"""Signs up at URL and asks for a streamed answer, as the page does: chat.py URL

The request names the Socket.IO session; the words then arrive as events on its WebSocket. They are to be
all there and in order.
"""

import asyncio
import sys
import uuid

import aiohttp
import socketio

EXPECTED = "".join(f"word{n} " for n in range(1, 201)).strip()


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


async def sign_up(http):
    user = {"name": "Ada", "email": "ada@example.org", "password": "correct horse battery staple"}
    async with http.post("/api/v1/auths/signup", json=user) as response:
        assert response.status == 200, await response.text()
        return (await response.json())["token"]


async def connect(url, token, answer):
    client = socketio.AsyncClient(reconnection=False)
    client.on("events", answer.on_event)
    await client.connect(
        url, auth={"token": token}, transports=["websocket"], socketio_path="/ws/socket.io", wait_timeout=20
    )
    joined = await client.call("user-join", {"auth": {"token": token}}, timeout=20)
    assert joined and joined["name"] == "Ada", joined
    return client


async def ask(http, token, sid):
    body = {
        "model": "numbers",
        "stream": True,
        "messages": [{"role": "user", "content": "count"}],
        "session_id": sid,
        "chat_id": f"temporary:{sid}",
        "id": str(uuid.uuid4()),
    }
    async with http.get("/api/models", headers={"Authorization": f"Bearer {token}"}) as response:
        assert "numbers" in [model["id"] for model in (await response.json())["data"]]
    async with http.post("/api/chat/completions", json=body, headers={"Authorization": f"Bearer {token}"}) as response:
        assert response.status == 200, await response.text()


async def main(url):
    answer = Answer()
    async with aiohttp.ClientSession(url) as http:
        token = await sign_up(http)
        client = await connect(url, token, answer)
        await ask(http, token, client.get_sid())
        await asyncio.wait_for(answer.done.wait(), 60)
        await client.disconnect()
    assert answer.text() == EXPECTED, f"{len(answer.text().split())} words: {answer.text()[:200]}"
    assert len(answer.deltas) > 20, f"not streamed: {len(answer.deltas)} parts"
    print(f"200 words in {len(answer.deltas)} parts, {answer.events} events")


asyncio.run(main(sys.argv[1]))
