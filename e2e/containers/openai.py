"""Stands in for an OpenAI-compatible server: an answer is numbered words, streamed.

200 of them in two seconds, or as the message says: "count 400 every 20", in milliseconds.
"""

import json
import re
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer



def words(count):
    return [f"word{n} " for n in range(1, count + 1)]


def wanted(request):
    """How many words, and how many seconds apart."""
    said = re.search(r"count (\d+) every (\d+)", json.dumps(request["messages"][-1]))
    return (int(said[1]), int(said[2]) / 1000) if said else (200, 0.01)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.reply({"object": "list", "data": [{"id": "numbers", "object": "model", "owned_by": "e2e"}]})

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        count, pause = wanted(request)
        if request.get("stream"):
            self.stream(count, pause)
        else:
            message = {"role": "assistant", "content": "".join(words(count))}
            self.reply({"object": "chat.completion", "choices": [{"index": 0, "message": message}]})

    def reply(self, body):
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def stream(self, count, pause):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        for word in words(count):
            self.chunk({"content": word}, None)
            time.sleep(pause)
        self.chunk({}, "stop")
        self.wfile.write(b"data: [DONE]\n\n")

    def chunk(self, delta, finish):
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        event = {"id": "1", "object": "chat.completion.chunk", "model": "numbers", "choices": [choice]}
        self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
        self.wfile.flush()

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("0.0.0.0", 9100), Handler).serve_forever()
