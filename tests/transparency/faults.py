"""What the fault tests run under strace: one round of the publisher, on a log with leaves that wait."""

import os
import sys

import django


def round_of_the_publisher(dsn: str, *, planted: bool) -> None:
    import psycopg

    from tests.transparency.logs import KEY
    from veta.transparency import files
    from veta.transparency.publisher import Publisher

    if planted:  # the control: a publisher that writes in place, with neither temporary file, fsync nor rename

        def in_place(path: object, data: bytes) -> None:
            with open(path, "wb", buffering=0) as file:  # type: ignore[call-overload]
                file.write(data[: len(data) // 2])
                file.write(data[len(data) // 2 :])

        files._write_one = in_place  # type: ignore[assignment]
    from veta.transparency import publisher as module

    module._signers = lambda: [KEY]
    # Its writes in this order and this thread, so that the nth call is the same in every run.
    files.WRITERS = 1
    with psycopg.connect(dsn, autocommit=True) as session:
        publisher = Publisher(session)
        os.write(2, b"ready\n")
        while publisher.integrator.step():
            publisher.publish()
        publisher.publish()


if __name__ == "__main__":
    django.setup()
    round_of_the_publisher(sys.argv[1], planted=sys.argv[2:] == ["planted"])
