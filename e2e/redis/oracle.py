"""What Open WebUI makes of its variables of Redis: by its own code, with its own redis-py.

A case is {"name": …, "env": {variable: value}, "file": true if these are lines of its .env}. One line of JSON has the cases, one line that
is answered their results: {"name": …, "connects": true | false, "database": …, "said": …}. For each further line all that is connected is
asked again. The lines of open_webui/env.py that read these variables are run as they stand, for each case anew, and
open_webui/utils/redis.py on what they give, as open_webui/socket/main.py calls it.
"""

import asyncio
import importlib.util
import io
import json
import logging
import os
import re
import sys
import types
import warnings

import redis
from dotenv import dotenv_values

SECTIONS = ("REDIS_URL = ", "WEBSOCKET_MANAGER = ")
ENDS = ("# Uvicorn", "WEBSOCKET_SERVER_LOGGING = ")
PATIENCE = 8  # seconds
AT_ONCE = 16


def package():
    spec = importlib.util.find_spec("open_webui")
    return list(spec.submodule_search_locations)[0]


def sections(source):
    """The lines of env.py that read the variables of Redis."""
    for start, end in zip(SECTIONS, ENDS):
        begin = source.index("\n" + start)
        yield re.sub(r"\n#+\s*$", "\n", source[begin : source.index(end, begin)])


class OpenWebUi:
    """The module of its connections to Redis, as it is with one set of variables."""

    def __init__(self, folder, source, variables):
        os.environ.clear()
        os.environ.update(variables)
        env = types.ModuleType("open_webui.env")
        env.__dict__.update(os=os, json=json, log=logging.getLogger("env"))
        for text in source:
            exec(compile(text, "env.py", "exec"), env.__dict__)
        sys.modules["open_webui.env"] = env
        spec = importlib.util.spec_from_file_location("owui_redis", os.path.join(folder, "utils", "redis.py"))
        self.redis = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.redis)
        self.env = env

    def client(self):
        env, redis = self.env, self.redis
        if env.WEBSOCKET_MANAGER != "redis":
            return redis.get_redis_client(async_mode=True)
        return redis.get_redis_connection(
            redis_url=env.WEBSOCKET_REDIS_URL,
            redis_sentinels=redis.get_sentinels_from_env(env.WEBSOCKET_SENTINEL_HOSTS, env.WEBSOCKET_SENTINEL_PORT),
            redis_cluster=env.WEBSOCKET_REDIS_CLUSTER,
            async_mode=True,
        )


class Attempt:
    """One case, whose client stays."""

    def __init__(self, folder, source, case):
        self.name, self.client, self.said = case["name"], None, "no client"
        variables = case["env"]
        if case.get("file"):
            lines = "".join(f"{name}={value}\n" for name, value in variables.items())
            variables = dotenv_values(stream=io.StringIO(lines, newline=""))
        try:
            self.client = OpenWebUi(folder, source, variables).client()
        except Exception as problem:  # whatever it is, it does not connect
            self.said = explained(problem)

    async def result(self, turns):
        result = {"name": self.name, "connects": False, "said": self.said, "database": self.database()}
        if self.client is None:
            return result
        try:
            async with turns, asyncio.timeout(PATIENCE):
                await self.client.set("oracle", self.name, ex=60)
            return {**result, "connects": True, "said": ""}
        except Exception as problem:
            return {**result, "said": explained(problem)}

    def database(self):
        sentinel = self.__dict__.get("client").__dict__.get("_sentinel") if self.client is not None else None
        if sentinel is not None:
            return sentinel.connection_kwargs["db"]
        pool = getattr(self.client, "connection_pool", None)
        return pool.connection_kwargs.get("db", 0) if pool else 0


def explained(problem):
    return f"{type(problem).__name__}: {problem}"[:200]


async def main():
    folder = package()
    with open(os.path.join(folder, "env.py"), encoding="utf-8") as file:
        source = list(sections(file.read()))
    attempts, turns = [], asyncio.Semaphore(AT_ONCE)
    for line in iter(sys.stdin.readline, ""):
        attempts = attempts or [Attempt(folder, source, case) for case in json.loads(line)]
        results = await asyncio.gather(*(attempt.result(turns) for attempt in attempts))
        print(json.dumps({"redis-py": redis.__version__, "results": results}), flush=True)


logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
asyncio.run(main())
