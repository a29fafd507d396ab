"""Progress of a training: a bar of tqdm, plain lines, or a function of the caller; and how it is stopped."""

from __future__ import annotations

import json
import logging
import signal
import sys
import threading
from typing import Any, Callable, Union

from ._library import Progress

log = logging.getLogger("bouton")
ProgressLike = Union[None, bool, Callable[[dict], Any]]


def line(event: dict) -> str:
    """The line of one epoch, as the command line prints it."""
    text = f"{event['phase']}  epoch {event['epoch']}/{event['epochs']}"
    for key, digits in (("error", "{:.4f}"), ("accuracy", "{:.2%}"), ("validation", "{:.2%}")):
        if event.get(key) is not None:
            text += f"  {key} " + digits.format(event[key])
    return text + ("  best" if event.get("best") and event.get("validation") is not None else "")


class _Lines:
    def __call__(self, event: dict) -> None:
        if event.get("end"):
            print(line(event), file=sys.stderr)

    def close(self) -> None:
        pass


class _Bar:
    """One bar for each phase, whose unit is the epoch."""

    def __init__(self, tqdm: Any) -> None:
        self.tqdm, self.bar, self.phase = tqdm, None, None

    def __call__(self, event: dict) -> None:
        if "phase" not in event:
            return
        if event["phase"] != self.phase:
            self.close()
            self.phase = event["phase"]
            self.bar = self.tqdm(total=event["epochs"], desc=self.phase, unit="epoch")
        share = event["samples"] / event["total"] if event["total"] else 0
        self.bar.n = round(event["epoch"] - 1 + (1 if event["end"] else share), 2)
        shown = {k: event[k] for k in ("error", "accuracy", "validation") if event.get(k) is not None}
        self.bar.set_postfix({k: f"{v:.4f}" for k, v in shown.items()}, refresh=False)
        self.bar.refresh()

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()


def viewer(progress: ProgressLike) -> Any:
    """What shows the events: ``True`` chooses a bar where tqdm is installed, and lines otherwise."""
    if progress is None or progress is False:
        return None
    if progress is not True:
        return progress
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return _Lines()
    return _Bar(tqdm)


class Watch:
    """The function that the library calls. What it raises, Ctrl-C included, stops the training and is raised later.

    Python handles a signal when the callback begins, where an exception would be lost. So Ctrl-C only sets a mark while
    the training runs, if this is the main thread and the program has no handler of its own.
    """

    def __init__(self, progress: ProgressLike) -> None:
        self.show = viewer(progress)
        self.raised: BaseException | None = None
        self.interrupted = False
        self.callback = Progress(self._told)

    def __enter__(self) -> Watch:
        self.watches = (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        )
        if self.watches:
            signal.signal(signal.SIGINT, self._interrupt)
        return self

    def __exit__(self, *_: Any) -> None:
        if self.watches:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        if isinstance(self.show, (_Bar, _Lines)):
            self.show.close()

    def _interrupt(self, *_: Any) -> None:
        self.interrupted = True

    def _told(self, _: Any, text: bytes) -> int:
        try:
            event = json.loads(text)
            if event.get("end"):
                log.info("%s", line(event))
            stop = self.show is not None and self.show(event) is False
            return int(stop or self.interrupted)
        except BaseException as error:  # noqa: BLE001 - it must not be lost in a callback of C
            self.raised = error
            return 1

    def check(self) -> None:
        """Raises what stopped the training, if that was an exception."""
        if self.raised is not None:
            raise self.raised
        if self.interrupted:
            raise KeyboardInterrupt
