"""The test format as a candidate and an evaluator read it: what is tested, with which norm, group by group."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from veta.conformance.domain.scenario import Group
from veta.conformance.queries import as_json, by_group, suite_digest
from veta.hub.calls import words

GROUPS = {
    Group.IDENTITY: _("Identidad y mandato"),
    Group.CAPTURE: _("Captura"),
    Group.VERDICTS: _("Veredictos"),
    Group.BALANCE: _("Saldos y topes"),
    Group.FAILURE: _("Fallas"),
    Group.SECURITY: _("Seguridad"),
    Group.DOCUMENTS: _("Documentos"),
    Group.DATA_PROTECTION: _("Datos personales"),
    Group.PERFORMANCE: _("Rendimiento"),
}


def shown(request: HttpRequest) -> HttpResponse:
    """Every scenario in words, with the format's own digest, which each report names; as JSON where it is asked for."""
    groups, digest = by_group(), suite_digest()
    if request.GET.get("formato") == "json":
        every = [as_json(each) for _group, found in groups for each in found]
        return JsonResponse({"digest": digest, "scenarios": every}, json_dumps_params={"ensure_ascii": False})
    told = [
        (group.value, GROUPS[group], [(each, words.STATUSES[each.status]) for each in found]) for group, found in groups
    ]
    context = {"groups": told, "digest": digest, "count": sum(len(found) for _group, found in groups)}
    return render(request, "hub/calls/test_format.html", context)
