"""An operator's process: it alone reads its key, and speaks to the hub by signed HTTP and nothing else.

Tasks come as lines of JSON on standard input, answers leave as lines on standard output, in whatever order they end.
`python -m veta.demo.operator CODE KEY_FILE URL [PUBLIC_ORIGIN]`
"""

from __future__ import annotations

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import orjson

from veta.kernel.errors import DomainError
from veta.node.client import PREFIX, HubClient
from veta.node.credentials import load
from veta.node.transport import HubRefused

AT_ONCE = 8
Task = dict[str, Any]


def main(arguments: list[str]) -> None:
    """Do tasks until the input ends."""
    code, key, url, *rest = arguments
    client = HubClient(url, load(code, Path(key)), origin=rest[0] if rest else None)
    writing = threading.Lock()

    def work(task: Task) -> None:
        answer = {"n": task["n"], **_done(client, task)}
        with writing:
            sys.stdout.buffer.write(orjson.dumps(answer) + b"\n")
            sys.stdout.buffer.flush()

    with client, ThreadPoolExecutor(AT_ONCE) as pool:
        for line in sys.stdin.buffer:
            pool.submit(work, orjson.loads(line))


def _done(client: HubClient, task: Task) -> dict[str, Any]:
    """What a task gave: its results, or the refusal of the whole request."""
    if "at" in task:
        time.sleep(max(0.0, task["at"] - time.time()))
    try:
        return {"results": _TASKS[task["do"]](client, task)}
    except HubRefused as refused:
        return {"status": refused.status, "codes": refused.finding_codes, "detail": refused.message}
    except (DomainError, OSError, KeyError) as fault:
        return {"status": 0, "codes": [], "detail": f"{type(fault).__name__}: {fault}"}


def _submit(client: HubClient, task: Task) -> list[Any]:
    return [_short(result) for result in client.submit(task["movements"])]


def _answer(client: HubClient, task: Task) -> list[Any]:
    if task["decision"] == "withdraw":
        return [_short(client.withdraw(task["movement"], id=task["id"]))]
    return [_short(client.confirm(task["movement"], id=task["id"], decision=task["decision"]))]


def _twice(client: HubClient, task: Task) -> list[Any]:
    """One signed request, sent again byte for byte: what a thief of the wire would do."""
    request = client.transport.prepare(
        "POST", f"{PREFIX}/movements", body=orjson.dumps({"movements": task["movements"]})
    )
    answers = [
        httpx.request(request.method, request.url, headers=request.headers, content=request.body, trust_env=False)
        for _ in range(2)
    ]
    return [_seen(answer) for answer in answers]


def _seen(answer: httpx.Response) -> dict[str, Any]:
    """A raw answer: its status, and its result or the codes of its problem document."""
    body = answer.json()
    if answer.status_code == 200:
        return {"status": 200, "codes": [], "result": _short(body["results"][0])}
    return {"status": answer.status_code, "codes": [finding["code"] for finding in body.get("findings", [])]}


def _short(result: Any) -> dict[str, Any]:
    """What the job counts of a result: verdict, findings, whether there is a receipt."""
    verdict = result["verdict"]
    return {
        "movement": verdict["movement"], "status": verdict["status"], "outcome": verdict.get("outcome"),
        "findings": [[finding["code"], finding["severity"]] for finding in verdict["findings"]],
        "receipt": result["receipt"] is not None, "messages": [f["message"] for f in verdict["findings"]],
    }  # fmt: skip


def _certify(client: HubClient, task: Task) -> list[Any]:
    made = client.issue_certificate(id=task["id"], kind="origin_certificate", lot=task["lot"])
    return [{"number": made["number"], "token": made["token"]}]


_TASKS = {"submit": _submit, "answer": _answer, "twice": _twice, "certify": _certify}

if __name__ == "__main__":
    main(sys.argv[1:])
