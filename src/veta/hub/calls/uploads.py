"""No file larger than a dossier's document is kept, not even for the time of a request."""

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from veta.calls.domain.document import LARGEST


class Quota(FileUploadHandler):
    """Stops keeping a file at its first byte over the size; what is left of it is read and forgotten."""

    received = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        self.received = 0
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > LARGEST:
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
