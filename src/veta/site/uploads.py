"""No file larger than the site takes is kept, not even for the time of a request."""

from typing import Any, Final

from django.core.files.uploadhandler import FileUploadHandler, StopUpload

LARGEST: Final = 50 * 2**20  # bytes; a document of a dossier is the largest file that anybody sends


class Quota(FileUploadHandler):
    """Stops reading a request whose files pass the size together."""

    received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > LARGEST:
            raise StopUpload
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None

    def upload_complete(self) -> Any:
        return None
