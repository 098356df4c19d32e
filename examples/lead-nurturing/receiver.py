#!/usr/bin/env python3
"""The other end of the webhook in the demonstration: a slow CRM that writes down every call it gets.

usage: receiver.py PORT LOG [SECONDS]    waits SECONDS (0.3) before each answer, so that calls are under way at a kill
Each line of LOG is {"id": webhook-id, "body": …}. It is written before the answer: a caller that dies while it
waits has been here, and must come again with the same id. GET answers how many calls wait.
"""

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def main():
    port, log = int(sys.argv[1]), open(sys.argv[2], "a", buffering=1, encoding="utf-8")
    delay = float(sys.argv[3]) if len(sys.argv) > 3 else 0.3
    lock, waiting = threading.Lock(), []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            try:
                fields = json.loads(body)
            except ValueError:
                self.answer(400)
                return
            with lock:
                waiting.append(None)
                log.write(json.dumps({"id": self.headers.get("webhook-id", ""), "body": fields},
                                     ensure_ascii=False) + "\n")
            time.sleep(delay)
            with lock:
                waiting.pop()
            self.answer(200)

        def do_GET(self):
            self.answer(200, f"{len(waiting)}\n".encode())

        def answer(self, status, body=b""):
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            try:
                self.end_headers()
                self.wfile.write(body)
            except ConnectionError:
                pass  # the caller was killed while it waited

        def log_message(self, *args):
            pass

    ThreadingHTTPServer.daemon_threads = True
    ThreadingHTTPServer(("127.0.0.1", port), Receiver).serve_forever()


if __name__ == "__main__":
    main()
