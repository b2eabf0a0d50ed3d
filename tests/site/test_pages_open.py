import pytest
from django.test import Client

pytestmark = pytest.mark.django_db

OPEN = ("/", "/accesibilidad/", "/aviso-legal/", "/ingreso/", "/contrasena/olvido/", "/contrasena/olvido/enviado/")


@pytest.mark.parametrize("path", OPEN)
def test_open_pages_answer_in_both_languages(client: Client, path: str) -> None:
    spanish = client.get(path)
    english = client.get(path, headers={"accept-language": "en"})
    assert spanish.status_code == english.status_code == 200
    assert '<html lang="es-co">' in spanish.text
    assert '<html lang="en">' in english.text
