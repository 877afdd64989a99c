"""The X-Ray API that boto3's ``xray`` client speaks: put and read traces, service graph.

Source: https://docs.aws.amazon.com/xray/latest/api/API_Operations.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, TypeGuard

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from emulation.console.answers import Json
from emulation.console.documents import BadDocument, Document
from emulation.console.totals import Graph
from emulation.console.traces import Trace, TraceStore

_PAGE = 100
_TOKEN = re.compile(r"[0-9]{1,9}", re.ASCII)


def router(store: TraceStore) -> APIRouter:
    """Routes of the operations that this project uses; others are answered 404 by the app."""
    routes = APIRouter()

    @routes.post("/TraceSegments")
    async def put_trace_segments(request: Request) -> JSONResponse:
        unprocessed: list[Document] = []
        body = await _body(request)
        documents = body.get("TraceSegmentDocuments")
        if not _are_texts(documents):
            return _invalid("TraceSegmentDocuments must be a list of strings.")
        for text in documents:
            try:
                store.add(text)
            except BadDocument as error:
                unprocessed.append({"ErrorCode": "InvalidDocument", "Message": str(error)})
        return Json({"UnprocessedTraceSegments": unprocessed})

    @routes.post("/TraceSummaries")
    async def get_trace_summaries(request: Request) -> JSONResponse:
        body = await _body(request)
        if body.get("FilterExpression"):
            return _invalid("FilterExpression is not implemented by the local console.")
        window = _window(body)
        if window is None:
            return _invalid("StartTime and EndTime must be epoch seconds, StartTime first.")
        traces = store.between(*window)
        token = str(body.get("NextToken") or 0)
        if not _TOKEN.fullmatch(token):
            return _invalid("NextToken must be one of an earlier answer.")
        start = int(token)
        shown = traces[start : start + _PAGE]
        answer: Document = {
            "TraceSummaries": [trace.summary() for trace in shown],
            "ApproximateTime": window[1],
            "TracesProcessedCount": len(traces),
        }
        if start + _PAGE < len(traces):
            answer["NextToken"] = str(start + _PAGE)
        return Json(answer)

    @routes.post("/Traces")
    async def batch_get_traces(request: Request) -> JSONResponse:
        ids = (await _body(request)).get("TraceIds")
        if not _are_texts(ids):
            return _invalid("TraceIds must be a list of strings.")
        found = [trace for one in ids if (trace := store.get(one)) is not None]
        known = {trace.id for trace in found}
        return Json(
            {
                "Traces": [_whole(trace) for trace in found],
                "UnprocessedTraceIds": [one for one in ids if one not in known],
            }
        )

    @routes.post("/ServiceGraph")
    async def get_service_graph(request: Request) -> JSONResponse:
        window = _window(await _body(request))
        if window is None:
            return _invalid("StartTime and EndTime must be epoch seconds, StartTime first.")
        return Json({"StartTime": window[0], "EndTime": window[1], "Services": service_graph(store.between(*window))})

    return routes


def service_graph(traces: Iterable[Trace]) -> list[Document]:
    """Nodes with their outgoing edges and call statistics, as GetServiceGraph lists them."""
    graph = Graph()
    for trace in traces:
        for edge in trace.edges():
            graph.add(edge)
    return graph.services()


def _whole(trace: Trace) -> Document:
    segments = [{"Id": one["id"], "Document": json.dumps(one)} for one in trace.documents.values()]
    return {"Id": trace.id, "Duration": round(trace.end - trace.start, 6), "Segments": segments}


async def _body(request: Request) -> Document:
    """Empty for what is no JSON object: the fields that it lacks are named in the answer."""
    try:
        body = await request.json()
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _are_texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _window(body: Any) -> tuple[float, float] | None:
    try:
        start, end = float(body["StartTime"]), float(body["EndTime"])
    except (KeyError, TypeError, ValueError):
        return None
    return (start, end) if start <= end else None


def _invalid(message: str) -> JSONResponse:
    return Json({"Message": message}, status_code=400, headers={"x-amzn-errortype": "InvalidRequestException"})
