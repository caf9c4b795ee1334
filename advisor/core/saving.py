"""Writing files so that nothing is lost: whole or not at all, alone or together.

A file keeps its permissions and a link stays a link. Writers of one folder take turns, and
one that says which content it read is refused when somebody else wrote in between. Files
that belong together are first written aside, then moved into place; what a killed process
left is finished or cleared by :func:`settle`, and never has a name that anyone would open.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import stat
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile

from advisor.core.addresses import is_elsewhere, only_here
from advisor.core.errors import AdvisorError, ChangedError, Fault
from advisor.core.saying import say

if sys.platform != "win32":
    import fcntl

BEGUN, READY = ".tmp", ".ready"  # being written; complete, and being moved into place
MARK = ".advisor-"
# where folders cannot be locked, a writer this old is taken for dead
ABANDONED_SECONDS = 3600
FEW = 3  # files that are named where they cannot be written; of more, their folder
ABSENT = ""  # the fingerprint of a file that is not there


def fingerprint(content: str | bytes) -> str:
    """What tells one content of a file from another."""
    return hashlib.sha256(_bytes(content)).hexdigest()


def fingerprint_of(path: Path) -> str:
    """The fingerprint of a file as it stands; :data:`ABSENT` without one. Raises AdvisorError."""
    only_here(path)
    try:
        return fingerprint(path.read_bytes())
    except FileNotFoundError:
        return ABSENT
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error


def write_atomic(path: Path, content: str | bytes, read: str | None = None) -> None:
    """Write a file so that readers see the old content or the new, never a part.

    ``read`` is the fingerprint of what the writer had read. Raises ChangedError when the file
    holds something else by now, AdvisorError when it cannot be written; it then stays as it was.
    """
    write_together(path.parent, {path.name: content}, {} if read is None else {path.name: read})


def stamp(path: Path) -> tuple[int, int] | None:
    """What changes whenever a file is written here; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino


def write_together(
    folder: Path,
    contents: Mapping[str, str | bytes],
    read: Mapping[str, str] | None = None,
    gone: Mapping[str, str] | None = None,
) -> list[Path]:
    """Write files of one folder so that all of them appear, or none; returns their paths.

    ``read`` holds fingerprints of files as the writer had read them. Raises ChangedError when
    one holds something else by now, AdvisorError when one cannot be written; all then stay.
    ``gone``: fingerprints of files that go once these are there; what holds something else by now stays.
    """
    for name in contents:
        only_here(folder / name)
    try:
        payloads = {name: _bytes(content) for name, content in contents.items()}
        created = _made(folder)
        try:
            with _turn(folder):
                _settle(folder)
                for name, known in (read or {}).items():
                    _unchanged(folder / name, known)
                _place(folder, payloads)
                _take_away(folder, gone or {})
        except BaseException:
            for empty in reversed(created):
                with suppress(OSError):
                    empty.rmdir()
            raise
    except (OSError, ValueError) as error:
        if isinstance(error, AdvisorError):
            raise
        raise _unwritable(folder / ", ".join(contents) if len(contents) <= FEW else folder, error) from error
    return [folder / name for name in contents]


def ready(folder: Path) -> None:
    """Raise AdvisorError where no file can be made in ``folder``: before long work, not after it."""
    try:
        created = _made(folder)
        with TemporaryFile(dir=folder):
            pass
        for empty in reversed(created):
            empty.rmdir()
    except (OSError, ValueError) as error:
        raise _unwritable(folder, error) from error


def settle(folder: Path) -> None:
    """Finish or clear what a killed process left in ``folder``; writers at work are left alone."""
    if is_elsewhere(folder):
        return
    with suppress(OSError, ValueError):
        if any(folder.glob(f"{MARK}*")):
            with _turn(folder, wait=False):
                _settle(folder)


def _bytes(content: str | bytes) -> bytes:
    return content.encode("utf-8") if isinstance(content, str) else content


def _unreadable(path: Path, error: Exception) -> AdvisorError:
    fault = Fault(str(path), say("a readable file"), _reason(error))
    return AdvisorError(say("{name} cannot be read.", name=path.name), [fault])


def _unwritable(path: Path, error: Exception) -> AdvisorError:
    fault = Fault(str(path), say("a writable place"), _reason(error))
    return AdvisorError(say("{name} cannot be written.", name=path.name), [fault])


def _reason(error: Exception) -> str:
    reason: str = getattr(error, "strerror", None) or str(error) or say("unwritable")
    return reason


def _unchanged(path: Path, known: str) -> None:
    now = fingerprint_of(path)
    if now != known:
        fault = Fault(
            str(path),
            say("the file as it was read") if known else say("no file yet"),
            say("another content") if now else say("no file"),
        )
        raise ChangedError(say("{name} was changed by somebody else.", name=path.name), [fault])


def _made(folder: Path) -> list[Path]:
    """Make a folder; returns those that were not there, outermost first."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()][::-1]
    folder.mkdir(parents=True, exist_ok=True)
    return missing


@contextmanager
def _turn(folder: Path, wait: bool = True) -> Iterator[None]:
    """Hold the folder's lock; it goes with the process, however that ends.

    Raises BlockingIOError when another holds it and ``wait`` is False.
    """
    if sys.platform == "win32":
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise
        except OSError:  # a file system without locks: the moment between check and move is short
            pass
        yield
    finally:
        os.close(handle)


def _settle(folder: Path) -> None:
    for left in folder.glob(f"{MARK}*{READY}"):
        for staged in left.iterdir():
            _move(staged, folder / staged.name)
        left.rmdir()
    for left in folder.glob(f"{MARK}*{BEGUN}"):
        if sys.platform != "win32" or time.time() - left.stat().st_mtime > ABANDONED_SECONDS:
            shutil.rmtree(left)


def _place(folder: Path, payloads: Mapping[str, bytes]) -> None:
    for name in payloads:
        if (folder / name).is_dir():
            raise IsADirectoryError(None, say("a folder of that name"), str(folder / name))
    begun = folder / f"{MARK}{secrets.token_hex(8)}{BEGUN}"
    ready = begun.with_suffix(READY)
    begun.mkdir(mode=stat.S_IRWXU)
    try:
        for name, payload in payloads.items():
            _write(begun / name, payload, folder / name)
        _flush(begun)
        begun.rename(ready)
    except BaseException:
        shutil.rmtree(begun, ignore_errors=True)
        raise
    _move_all(ready, folder, tuple(payloads))
    _flush(folder)


def as_written(path: Path, known: str) -> bool:
    """Whether a file is there and holds what was written, by its fingerprint; a link is somebody's own."""
    with suppress(OSError, AdvisorError):
        return path.is_file() and not path.is_symlink() and fingerprint_of(path) == known
    return False


def _take_away(folder: Path, gone: Mapping[str, str]) -> None:
    """Remove files that hold what is known of them; one that cannot be removed stays."""
    for name, known in gone.items():
        with suppress(OSError):
            if as_written(folder / name, known):
                (folder / name).unlink()


def _write(staged: Path, payload: bytes, target: Path) -> None:
    with staged.open("xb") as stream:
        stream.write(payload)
        stream.flush()
        os.fsync(stream.fileno())
    with suppress(FileNotFoundError):
        known = target.stat()
        staged.chmod(stat.S_IMODE(known.st_mode))
        if sys.platform != "win32" and (known.st_uid, known.st_gid) != (os.geteuid(), os.getegid()):
            with suppress(PermissionError):
                os.chown(staged, known.st_uid, known.st_gid)


def _move_all(ready: Path, folder: Path, names: tuple[str, ...]) -> None:
    """Move staged files into place; when one cannot be, those before it go back to what they were."""
    kept = ready.with_suffix(BEGUN)
    moved: list[str] = []
    try:
        if len(names) > 1:
            kept.mkdir(mode=stat.S_IRWXU)
        for name in names:
            if len(names) > 1 and (folder / name).exists():
                shutil.copy2(folder / name, kept / name)
            _move(ready / name, folder / name)
            moved.append(name)
    except OSError:
        for name in moved:
            if (kept / name).exists():
                _move(kept / name, folder / name)
            else:
                (folder / name).unlink()
        shutil.rmtree(ready, ignore_errors=True)
        raise
    finally:
        shutil.rmtree(kept, ignore_errors=True)
    ready.rmdir()


def _move(staged: Path, target: Path) -> None:
    """Move a file into place; where the place is a link, to what it points at."""
    real = Path(os.path.realpath(target)) if target.is_symlink() else target
    try:
        staged.replace(real)
    except OSError:
        if real == target:
            raise
        # another file system: written beside the real file, then moved there in one
        payload = staged.read_bytes()
        beside = real.parent / f"{MARK}{secrets.token_hex(8)}{BEGUN}"
        beside.mkdir(mode=stat.S_IRWXU)
        try:
            _write(beside / real.name, payload, real)
            (beside / real.name).replace(real)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        staged.unlink()


def _flush(folder: Path) -> None:
    """Have a folder's names on the disk too, where the system can."""
    if sys.platform != "win32":
        with suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
