"""The forms of the call's pages."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.calls.domain.commands.applicant import MOST_CONTACTS, MOST_DOCUMENTS
from veta.calls.domain.document import LARGEST
from veta.calls.domain.indicators import FIGURES
from veta.calls.domain.timetable import Activity
from veta.hub.calls.words import COMPONENTS, days_of
from veta.hub.typed import DayInput, typed_number

MOST_WINDOWS = 5  # that one addendum changes on its form
AREA = forms.Textarea(attrs={"rows": 4})
LABELS = {
    "current_assets": gettext_lazy("Activo corriente"),
    "current_liabilities": gettext_lazy("Pasivo corriente"),
    "total_assets": gettext_lazy("Activo total"),
    "total_liabilities": gettext_lazy("Pasivo total"),
    "equity": gettext_lazy("Patrimonio"),
    "operating_profit": gettext_lazy("Utilidad operacional"),
    "interest": gettext_lazy("Gastos de intereses"),
}


class RegisterForm(forms.Form):
    """The firm, and who represents it."""

    empresa = forms.CharField(label=gettext_lazy("Nombre de la empresa"), max_length=200)
    nit = forms.CharField(label=gettext_lazy("NIT, sin dígito de verificación"), max_length=20)
    digito = forms.CharField(label=gettext_lazy("Dígito de verificación"), max_length=1)
    representante = forms.CharField(label=gettext_lazy("Nombre de quien la representa"), max_length=200)
    documento = forms.CharField(
        label=gettext_lazy("Su documento"), max_length=30, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    correo = forms.EmailField(label=gettext_lazy("Correo para avisos"), max_length=190)
    telefono = forms.CharField(label=gettext_lazy("Teléfono"), max_length=30)


class Papers(forms.ClearableFileInput):
    """Several files at once; a script lists what was chosen, each with its size, before it is sent."""

    allow_multiple_selected = True


class PapersField(forms.FileField):
    """Documents of a dossier. What is over the size, or over ten, is refused before it is read."""

    widget = Papers

    def __init__(self, **kwargs: Any) -> None:
        help_text = gettext_lazy("PDF, PNG o JPEG: hasta 10, y 50 MiB entre todos. Elíjalos juntos.")
        error = gettext_lazy("Elija de 1 a 10 documentos, que entre todos no pasen de 50 MiB.")
        super().__init__(max_length=200, help_text=help_text, error_messages={"required": error}, **kwargs)
        self.widget.attrs |= {"data-papers": "", "accept": ".pdf,.png,.jpg,.jpeg"}

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """The files, each judged by itself."""
        given = data if isinstance(data, list | tuple) else [data] if data else []
        if not given:
            super().clean(None, initial)
        if len(given) > MOST_DOCUMENTS or sum(each.size for each in given) > LARGEST:
            raise forms.ValidationError(self.error_messages["required"])
        return [super(PapersField, self).clean(each, initial) for each in given]


def uploads_of(given: Mapping[str, Any], name: str = "archivo") -> list[tuple[str, bytes]]:
    """The name and the bytes of each file of a form."""
    return [(each.name, each.read()) for each in given.get(name) or ()]


class UploadForm(forms.Form):
    """Documents of a dossier."""

    archivo = PapersField(label=gettext_lazy("Documentos"))


class FiguresForm(forms.Form):
    """The figures of the financial statements, in pesos."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in FIGURES:
            self.fields[name] = forms.CharField(
                label=LABELS[name], max_length=30, widget=forms.TextInput(attrs={"inputmode": "decimal"})
            )


def figures_typed(given: Mapping[str, str]) -> dict[str, str]:
    """The figures as the call takes them, whatever way Colombians write a number."""
    return {name: _signed(given[name]) for name in FIGURES}


def _signed(text: str) -> str:
    bare = "".join(text.split())
    return f"-{typed_number(bare[1:])}" if bare.startswith("-") else typed_number(bare)


class TextForm(forms.Form):
    """One text, under the label that its page gives it."""

    texto = forms.CharField(max_length=4000, widget=AREA)

    def __init__(self, *args: Any, label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["texto"].label = label


class SupportedForm(TextForm):
    """A text, with the documents that support it where there are any."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["archivo"] = PapersField(label=_("Documentos que lo apoyan"), required=False)


class ObserveForm(forms.Form):
    """An observation, of one requirement or of the whole, with what supports it."""

    def __init__(self, *args: Any, codes: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Toda la evaluación")), *((code, code) for code in codes)]
        self.fields["requisito"] = forms.ChoiceField(label=_("Requisito"), choices=choices, required=False)
        self.fields["texto"] = forms.CharField(label=_("Observación"), max_length=4000, widget=AREA)
        self.fields["archivo"] = PapersField(label=_("Documentos que la apoyan"), required=False)


class VerdictForm(forms.Form):
    """An item's verdict, why, under which norm; and the item's last event as this page showed it."""

    resultado = forms.ChoiceField(
        label=gettext_lazy("Resultado"), widget=forms.RadioSelect,
        choices=(("meets", gettext_lazy("Cumple")), ("fails", gettext_lazy("No cumple")),
                 ("cure", gettext_lazy("Por subsanar"))),
    )  # fmt: skip
    motivo = forms.CharField(label=gettext_lazy("Motivo"), max_length=2000, widget=AREA)
    norma = forms.CharField(label=gettext_lazy("Norma"), max_length=300)
    visto = forms.IntegerField(widget=forms.HiddenInput)


class SecondForm(forms.Form):
    """The second person's word on a verdict."""

    motivo = forms.CharField(
        label=gettext_lazy("Si no está de acuerdo, por qué"), max_length=1000, required=False, widget=AREA
    )
    visto = forms.IntegerField(widget=forms.HiddenInput)


class InterestForm(forms.Form):
    """Whether there is a conflict of interest with an applicant."""

    conflicto = forms.ChoiceField(
        label=gettext_lazy("¿Tiene conflicto de interés con esta empresa?"), widget=forms.RadioSelect,
        choices=(("no", gettext_lazy("No tengo")), ("yes", gettext_lazy("Sí tengo"))),
    )  # fmt: skip
    motivo = forms.CharField(
        label=gettext_lazy("En qué consiste, si lo tiene"), max_length=1000, required=False, widget=AREA
    )


class AnswerForm(forms.Form):
    """The answer to an observation."""

    acoge = forms.ChoiceField(
        label=gettext_lazy("¿Se acoge?"), widget=forms.RadioSelect,
        choices=(("yes", gettext_lazy("Se acoge")), ("no", gettext_lazy("No se acoge"))),
    )  # fmt: skip
    texto = forms.CharField(label=gettext_lazy("Respuesta"), max_length=4000, widget=AREA)


ROUNDS = (("1", gettext_lazy("Ronda 1")), ("2", gettext_lazy("Ronda 2")))


class RunForm(forms.Form):
    """A run that the platform follows."""

    ronda = forms.ChoiceField(label=gettext_lazy("Ronda"), choices=ROUNDS)
    presentes = forms.CharField(
        label=gettext_lazy("Quién está por la empresa"), max_length=300, required=False,
        help_text=gettext_lazy("Cargos, no nombres. La ronda 1 se hace con la empresa."),
    )  # fmt: skip


class AttemptForm(forms.Form):
    """A run of the test format, with its report."""

    ronda = forms.ChoiceField(label=gettext_lazy("Ronda"), choices=ROUNDS)
    supera = forms.ChoiceField(
        label=gettext_lazy("Resultado"), widget=forms.RadioSelect,
        choices=(("yes", gettext_lazy("La supera")), ("no", gettext_lazy("No la supera"))),
    )  # fmt: skip
    presentes = forms.CharField(
        label=gettext_lazy("Quién estuvo por la empresa"), max_length=300, required=False,
        help_text=gettext_lazy("Cargos, no nombres. La ronda 1 se hace con la empresa."),
    )  # fmt: skip
    reporte = forms.FileField(
        label=gettext_lazy("Reporte"), max_length=200,
        help_text=gettext_lazy("El JSON que da la suite; aquí queda, con su huella."),
        error_messages={"required": gettext_lazy("Elija el reporte en JSON, de 10 MiB como mucho.")},
    )  # fmt: skip


class ActForm(forms.Form):
    """An act over one application."""

    numero = forms.CharField(label=gettext_lazy("Número y fecha del acto"), max_length=100)
    motivo = forms.CharField(label=gettext_lazy("Motivo"), max_length=2000, widget=AREA)
    norma = forms.CharField(label=gettext_lazy("Norma"), max_length=300)


class EnablementForm(ActForm):
    """The act that makes who is enabled an operator."""

    codigo = forms.CharField(label=gettext_lazy("Código del operador"), max_length=32)
    desde = forms.DateField(label=gettext_lazy("Desde"), widget=DayInput())
    hasta = forms.DateField(label=gettext_lazy("Hasta"), widget=DayInput())
    condiciones = forms.CharField(label=gettext_lazy("Condiciones"), max_length=2000, required=False, widget=AREA)


class AppealForm(ActForm):
    """The act that decides an appeal."""

    concede = forms.ChoiceField(
        label=gettext_lazy("¿Se concede?"), widget=forms.RadioSelect,
        choices=(("yes", gettext_lazy("Se concede")), ("no", gettext_lazy("No se concede"))),
    )  # fmt: skip


class DeliverForm(forms.Form):
    """The services handed over."""

    version = forms.CharField(label=gettext_lazy("Versión de los servicios"), max_length=60)
    credenciales = forms.CharField(
        label=gettext_lazy("Credenciales del ambiente de pruebas"), max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("Se guardan cifradas hasta que la empresa las abra, una sola vez. Queda su huella."),
    )  # fmt: skip


class ServiceForm(forms.Form):
    """A document of the services."""

    archivo = forms.FileField(
        label=gettext_lazy("Documento de los servicios"), max_length=200,
        help_text=gettext_lazy("PDF o JSON; lo recibe cada empresa a la que se le entreguen."),
        error_messages={"required": gettext_lazy("Elija un PDF de 50 MiB o un JSON de 10 MiB como mucho.")},
    )  # fmt: skip


class RequirementForm(forms.Form):
    """A requirement, added or changed until the call opens; its code says which."""

    codigo = forms.CharField(
        label=gettext_lazy("Código"), max_length=4, help_text=gettext_lazy("J-01, F-01 o T-01, según su componente.")
    )
    componente = forms.ChoiceField(label=gettext_lazy("Componente"), choices=list(COMPONENTS.items()))
    texto = forms.CharField(label=gettext_lazy("Requisito"), max_length=1000, widget=AREA)
    norma = forms.CharField(label=gettext_lazy("Norma"), max_length=300)
    prueba = forms.ChoiceField(
        label=gettext_lazy("Cómo se prueba"),
        choices=(("document", gettext_lazy("Documento")), ("figures", gettext_lazy("Cifras"))),
    )  # fmt: skip
    subsanable = forms.BooleanField(label=gettext_lazy("Se puede subsanar"), required=False, initial=True)


class NoticeForm(forms.Form):
    """That an act was notified to a firm."""

    acto = forms.ChoiceField(label=gettext_lazy("Acto"))
    como = forms.CharField(label=gettext_lazy("Cómo se notificó"), max_length=200)
    dia = forms.DateField(label=gettext_lazy("Día"), widget=DayInput())
    constancia = forms.CharField(label=gettext_lazy("Constancia"), max_length=300)

    def __init__(self, *args: Any, acts: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["acto"].choices = list(acts)  # type: ignore[attr-defined]


class PrepareForm(forms.Form):
    """An act to be signed by another person."""

    acto = forms.ChoiceField(label=gettext_lazy("Acto"))
    numero = forms.CharField(label=gettext_lazy("Número"), max_length=60)
    nota = forms.CharField(label=gettext_lazy("Nota"), max_length=2000, required=False, widget=AREA)

    def __init__(self, *args: Any, kinds: Sequence[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["acto"].choices = list(kinds)  # type: ignore[attr-defined]


class AddendumForm(forms.Form):
    """An addendum: the windows of some activities, from its publication on."""

    numero = forms.CharField(label=gettext_lazy("Número del adendo"), max_length=60)
    fecha = forms.DateField(label=gettext_lazy("Fecha del adendo"), widget=DayInput())
    motivo = forms.CharField(label=gettext_lazy("Motivo"), max_length=2000, widget=AREA)

    def __init__(self, *args: Any, activities: Sequence[Activity], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.activities = {str(each.order): each for each in activities}
        named = [(str(each.order), f"{each.order}. {each.name} ({days_of(each)})") for each in activities]
        for n in range(1, MOST_WINDOWS + 1):
            first = n == 1
            which = {"n": n}
            self.fields[f"actividad_{n}"] = forms.ChoiceField(
                label=_("Cambio %(n)s: actividad") % which, choices=[("", "—"), *named], required=first
            )
            self.fields[f"desde_{n}"] = forms.DateField(
                label=_("Cambio %(n)s: primer día") % which, widget=DayInput(), required=False,
                help_text=_("Vacío: el que tiene."),
            )  # fmt: skip
            self.fields[f"hasta_{n}"] = forms.DateField(
                label=_("Cambio %(n)s: último día") % which, widget=DayInput(), required=first
            )

    def clean(self) -> dict[str, Any]:
        """Each activity once, with its last day; `windows`, as the call takes them."""
        given = super().clean() or {}
        windows: dict[str, list[str]] = {}
        for n in range(1, MOST_WINDOWS + 1):
            order, opens, closes = (given.get(f"{name}_{n}") for name in ("actividad", "desde", "hasta"))
            if order in windows:
                self.add_error(f"actividad_{n}", _("Esa actividad ya está en otro cambio."))
            elif order and not closes and f"hasta_{n}" not in self.errors:
                self.add_error(f"hasta_{n}", _("Escriba el último día."))
            elif not order and (opens or closes) and f"actividad_{n}" not in self.errors:
                self.add_error(f"actividad_{n}", _("Elija la actividad."))
            elif order and closes:
                first = opens or self.activities[order].opens
                windows[order] = [first.isoformat() if first else "", closes.isoformat()]
        return {**given, "windows": windows}


class SignForm(forms.Form):
    """Who signs, by role."""

    cargo = forms.CharField(label=gettext_lazy("Cargo de quien firma"), max_length=200)
    encargado = forms.BooleanField(label=gettext_lazy("Firma como encargado"), required=False)
    motivo = forms.CharField(
        label=gettext_lazy("Si lo devuelve, por qué"), max_length=1000, required=False, widget=AREA
    )
    visto = forms.IntegerField(widget=forms.HiddenInput)


class SettleForm(forms.Form):
    """The second person's word on an act over one firm, by which role, and the proposal that was read."""

    cargo = forms.CharField(label=gettext_lazy("Cargo de quien firma"), max_length=200, required=False)
    encargado = forms.BooleanField(label=gettext_lazy("Firma como encargado"), required=False)
    texto = forms.CharField(label=gettext_lazy("Si lo rechaza, por qué"), max_length=1000, required=False, widget=AREA)
    visto = forms.IntegerField(widget=forms.HiddenInput)


class DropForm(forms.Form):
    """A requirement that is taken out."""

    codigo = forms.CharField(label=gettext_lazy("Código"), max_length=4)


class TeamForm(forms.Form):
    """A person of the team that evaluates."""

    correo = forms.EmailField(label=gettext_lazy("Correo de la persona"), max_length=150)
    componente = forms.ChoiceField(label=gettext_lazy("Componente"), choices=list(COMPONENTS.items()))
    motivo = forms.CharField(label=gettext_lazy("Si la retira, por qué"), max_length=300, required=False)


class ContactsForm(forms.Form):
    """The people of a firm who are written to: the first, and as many more as there are."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for n in range(1, MOST_CONTACTS + 1):
            which = {"n": n}
            self.fields[f"nombre_{n}"] = forms.CharField(
                label=_("Contacto %(n)s: nombre") % which, max_length=200, required=n == 1
            )
            self.fields[f"correo_{n}"] = forms.EmailField(
                label=_("Contacto %(n)s: correo") % which, max_length=190, required=n == 1
            )
            self.fields[f"telefono_{n}"] = forms.CharField(
                label=_("Contacto %(n)s: teléfono") % which, max_length=30, required=False
            )

    def clean(self) -> dict[str, Any]:
        """A contact that has anything has a name and an address."""
        given = super().clean() or {}
        for n in range(2, MOST_CONTACTS + 1):
            whole = bool(given.get(f"nombre_{n}")), bool(given.get(f"correo_{n}"))
            if f"correo_{n}" not in self.errors and (any(whole) or given.get(f"telefono_{n}")) and not all(whole):
                self.add_error(f"correo_{n}", _("Escriba el nombre y el correo de este contacto, o borre lo demás."))
        return given
