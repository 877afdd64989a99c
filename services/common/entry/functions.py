"""The entry point of one Lambda function: its settings are read and its parts are put together at cold start."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from functools import cached_property
from typing import Any, Generic, TypeVar

from services.common.settings import FunctionSettings

Event = dict[str, Any]
Handler = Callable[[Event, Any], Any]
S = TypeVar("S", bound=FunctionSettings)
#: Container objects that were made and not freed since the last collection.
_COLLECTED_AFTER = 20_000


class EntryPoint(Generic[S]):
    """What Lambda calls. ``settings`` is the model of this function's environment.

    Several functions share a handler module, and each has an environment of its own. When Lambda imports the module,
    only the function that ``_HANDLER`` names is composed, so that a missing setting fails the cold start. In tests
    each is composed when it is first called; ``compose`` makes another one from given settings.
    """

    def __init__(self, settings: type[S], compose: Callable[[S], Handler]) -> None:
        self.settings, self.compose = settings, compose
        if os.environ.get("_HANDLER") == f"{compose.__module__}.{compose.__name__}":
            _ = self._composed
            _collect_rarely()

    def __call__(self, event: Event, context: Any) -> Any:
        return self._composed(event, context)

    @cached_property
    def _composed(self) -> Handler:
        return self.compose(self.settings.read())


def _collect_rarely() -> None:
    """What was made so far stays, so it is not looked at again; a request makes fewer objects than the threshold.

    With Python's threshold of 700 a page of a timeline was interrupted by several collections, a tenth of its time.
    Most objects need none: https://docs.python.org/3/library/gc.html
    """
    gc.freeze()
    gc.set_threshold(_COLLECTED_AFTER)


def entry_point(settings: type[S]) -> Callable[[Callable[[S], Handler]], EntryPoint[S]]:
    """Makes a composition the handler of a function: place it below everything that it uses.

    ::

        @entry_point(ProjectorSettings)
        def projector(settings: ProjectorSettings) -> Handler:
            posts = PostRepository(settings.table_posts)
            return change_handler(Projector(...))
    """
    return lambda compose: EntryPoint(settings, compose)
