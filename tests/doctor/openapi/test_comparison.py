"""Differences between a description and what the bot does, each with the setting that follows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.applications.status_rules import StatusRules
from bot.core.clust_api.beliefs import FIELDS
from bot.core.clust_api.dialect import ApiDialect
from bot.core.errors import UsageError
from bot.core.language import all_of
from bot.doctor.openapi.comparison import Believed, compare
from bot.doctor.openapi.description import BEARER, DescribedField, describe
from bot.doctor.openapi.difference import settings_that_follow
from tests.doctor.openapi.examples import AS_BELIEVED, OPTIONAL, ROW, SENT, api, below, fields, operation

URL = "https://app.clustdoc.com/api"


def followed(*operations: Any, base: str = URL, servers: tuple[str, ...] = (), **believed: Any) -> dict[str, str]:
    """Return the settings that follow from operations in place of those that are as believed."""
    replaced = {each.place: each for each in (*AS_BELIEVED, *operations)}
    comparison = compare(api(*replaced.values(), servers=servers), Believed(base, **believed))
    return settings_that_follow({}, comparison.differences)


def advised(*operations: Any, **more: Any) -> list[tuple[str, str, str]]:
    """Return what needs a person: what the bot does, what Clust says, and what to do."""
    differences = compare(api(*operations, **more), Believed(URL)).differences
    return [(each.bot, each.clust, each.advice) for each in differences if not each.setting]


def test_what_is_as_believed_has_no_difference() -> None:
    """A description that says what the bot does leads to nothing."""
    assert compare(api(*AS_BELIEVED), Believed(URL)).differences == ()


def test_another_product_is_refused() -> None:
    """A description without anything like applications is named by its title."""
    for title, words in (("Pets", "This describes “Pets”."), ("", "This describes “Untitled”.")):
        with pytest.raises(UsageError) as refused:
            compare(api(operation("GET /pets"), title=title), Believed(URL))
        assert words in refused.value.sentence


def test_what_is_missing_says_what_is_lost() -> None:
    """An operation that isn't described has no setting, but a consequence."""
    rest = [each for each in AS_BELIEVED if each.place != "DELETE /dossiers/{dossier}"]
    assert advised(*rest) == [
        (
            "The bot deletes an application at /dossiers/{id}.",
            "Clust's description has nothing similar.",
            "Without it, `delete` doesn't work. If Clust has another call for this, save it as an action.",
        )
    ]


def test_paths_verbs_and_parameters() -> None:
    """Each has its setting. A parameter that isn't described at all has an advice."""
    others = [each for each in AS_BELIEVED if not each.place.startswith(("PUT", "GET /dossiers"))]
    changed = (
        operation("PATCH /applications/{id}", sent=SENT),
        operation("GET /dossiers/{x}/", below("data", ROW)),
        operation("GET /dossiers", AS_BELIEVED[0].returned, parameters=fields(p="integer", cursor="string")),
    )
    comparison = compare(api(*others, *changed), Believed(URL))
    assert settings_that_follow({}, comparison.differences) == {
        "CLUST_UPDATE_METHOD": "PATCH",
        "CLUST_PATHS": "update=/applications/{id}",
        "CLUST_PARAMETERS": "page=p",
    }
    unsettled = {each.bot: each.advice for each in comparison.differences if not each.setting}
    assert [bot.split("`")[1] for bot in unsettled] == ["per_page", "search"]
    assert ["Links" in advice or "*Check*" in advice for advice in unsettled.values()] == [True, True]
    assert len(set(unsettled.values())) == 2


@pytest.mark.parametrize(
    ("server", "setting"),
    [
        ("https://app.clustdoc.com/api/v2", {"CLUST_API_URL": "https://app.clustdoc.com/api/v2"}),
        ("https://api.clustdoc.com/api", {"CLUST_API_URL": "https://api.clustdoc.com/api"}),
        ("https://clustdoc.com.evil.invalid/api", {}),
        ("http://api.clustdoc.com/api", {}),
        ("https://api.clustdoc.com/$%7Bx%7D", {}),
        ("https://api.clustdoc.com/${SLACK_BOT_TOKEN}", {}),
    ],
)
def test_only_clusts_own_addresses_follow(server: str, setting: dict[str, str]) -> None:
    """A token is proposed to no other host than Clust's or the one that has it, and nothing that `.env` expands."""
    assert followed(servers=(server,)) == setting


def test_another_way_to_send_a_token() -> None:
    """It has no setting, and is named unless Clust takes the bot's way too."""
    for tokens, expected in (
        ((), []),
        ((BEARER, "query api_token"), []),
        (("header X-Api-Key", "query key"), ["Clust says `header X-Api-Key` or `query key`."]),
    ):
        description = replace(api(*AS_BELIEVED), tokens=tokens)
        assert [each.clust for each in compare(description, Believed(URL)).differences] == expected


def test_where_rows_and_one_application_are() -> None:
    """Rows and single reads have their places. A bare list, or one in `data`, needs no setting."""
    parameters = AS_BELIEVED[0].parameters
    assert followed(operation("GET /dossiers", below("items[]", ROW), parameters=parameters)) == {
        "CLUST_RESPONSES": "rows=items"
    }
    assert followed(operation("GET /dossiers/{dossier}", below("dossier", ROW))) == {"CLUST_RESPONSES": "one=dossier"}
    bare = {"[]": DescribedField("object"), **{f"[].{name}": row for name, row in ROW.items()}}
    assert followed(operation("GET /dossiers", bare, parameters=parameters)) == {}
    assert followed(operation("GET /dossiers/{dossier}", ROW)) == {}


def test_fields_that_are_read_and_sent() -> None:
    """One name for both is one pair. Where reading and sending differ, `sent.` has the other."""
    row = {**{name: each for name, each in ROW.items() if name != "title"}, **fields(subject="string")}
    listed = operation("GET /dossiers", below("data[]", row), parameters=AS_BELIEVED[0].parameters)
    read = operation("GET /dossiers/{dossier}", below("data", row))
    for sent, value in (
        ({**SENT, **fields(subject="string")}, "title=subject"),
        ({**SENT, **fields(title="string")}, "title=subject,sent.title=title"),
        ({**SENT, **fields(name="string")}, "title=subject,sent.title=name"),
    ):
        assert followed(listed, read, operation("POST /dossiers", sent=sent)) == {"CLUST_FIELDS": value}
    only_sent = operation("POST /dossiers", sent={**SENT, **fields(label="string")})
    assert followed(only_sent) == {"CLUST_FIELDS": "sent.title=label"}


def test_other_names_that_the_bot_reads_anyway() -> None:
    """What is read without any setting is no difference."""
    row = {**ROW, **fields(progress="integer", missing="integer", contact__phone_number="string")}
    row |= below("items[]", fields(name="string", status="string", type="string"))
    assert followed(operation("GET /dossiers/{dossier}", below("data", row))) == {}


@pytest.mark.parametrize(
    ("sent", "value"),
    [
        ({"template_id": "string"}, "template_id=template_id:text"),
        ({"auto_emails": "boolean"}, "auto_emails=auto_emails:boolean"),
        ({"folder_id": "string"}, "folder_id=folder_id:text"),
        ({"external_id": "integer"}, "external_id=external_id:number"),
        ({"custom": "object"}, None),
        ({"title": ""}, None),
    ],
)
def test_types_of_what_is_sent(sent: dict[str, str], value: str | None) -> None:
    """A field that Clust wants in another type has that type in its setting, and a type that isn't plain has none."""
    assert followed(operation("POST /dossiers", sent={**SENT, **fields(**sent)})).get("CLUST_FIELDS") == value


def test_what_was_set_is_what_the_bot_does() -> None:
    """Settings are compared too: a right one has no difference, and a wrong one is named with what it says."""
    sent = {**SENT, **fields(templateId="string")}
    del sent["template_id"]
    for text, follows in (
        ("sent.template_id=templateId:text", {}),
        ("sent.template_id=tpl", {"CLUST_FIELDS": "sent.template_id=templateId:text"}),
        ("sent.template_id=tpl:text", {"CLUST_FIELDS": "sent.template_id=templateId:text"}),
    ):
        dialect = ApiDialect.parse(fields=text)
        create, update = operation("POST /dossiers", sent=sent), operation("PUT /dossiers/{dossier}")
        assert followed(create, update, dialect=dialect) == follows


def test_what_clust_does_not_have() -> None:
    """A field that the bot needs and nothing describes says what is lost."""
    row = {name: each for name, each in ROW.items() if name != "is_late"}
    sent = {name: each for name, each in SENT.items() if name != "contact.email"}
    texts = advised(
        operation("GET /dossiers", below("data[]", row), parameters=AS_BELIEVED[0].parameters),
        operation("GET /dossiers/{dossier}", below("data", row)),
        operation("POST /dossiers", sent=sent),
        operation("PUT /dossiers/{dossier}", sent=fields(title="string", custom="string")),
        *AS_BELIEVED[4:],
    )
    assert (
        "The bot reads `is_late`.",
        "Clust's description has nothing similar.",
        "Without it, *late* is never detected.",
    ) in texts
    optional = all_of([f"`{name}`" for name in FIELDS if name in OPTIONAL and name not in {"title", "custom"}])
    assert [bot for bot, _clust, _advice in texts if "send" in bot] == [
        "The bot sends `contact.email`.",
        f"The forms can send {optional}.",
    ]


def test_templates_and_items() -> None:
    """Names of templates and of items are relative to them."""
    items = {**below("steps[]", fields(label="string", required="boolean", kind="string")), **ROW}
    read = operation("GET /dossiers/{dossier}", below("data", items))
    assert followed(read, operation("GET /templates", below("data[]", fields(uuid="string", name="string")))) == {
        "CLUST_FIELDS": "dossier_items=steps,dossier_items.title=label,dossier_items.is_mandatory=required,"
        "templates.id=uuid,templates.title=name"
    }


def test_status_values_come_from_wherever_they_are_listed() -> None:
    """A field that lists them, or the filter of a list."""
    status = DescribedField("string", ("9_in",), {"9_in": "Submitted"})
    for changed in (
        operation("GET /dossiers/{dossier}", below("data", {**ROW, "status": status})),
        operation("GET /dossiers", AS_BELIEVED[0].returned, parameters={**AS_BELIEVED[0].parameters, "status": status}),
    ):
        assert followed(changed) == {"CLUST_STATUS_RULES": "9_in=submitted"}


def test_a_name_that_no_setting_takes_has_none() -> None:
    """What the bot would refuse is reported, and isn't a line of the fragment."""
    paths = [each for each in AS_BELIEVED if not each.place.startswith("DELETE")]
    texts = advised(*paths, operation("DELETE /dossiers(all)/../dossiers/{id}"))
    assert [advice for _bot, _clust, advice in texts] == [
        "`/dossiers(all)/../dossiers/{id}` isn't a path of Clust's API. Write one such as `/dossiers/{id}`."
    ]


NAMES = st.sampled_from([word for row in FIELDS.values() for word in row.also.replace(".", "_").split()]) | st.text(
    "ab'$", min_size=1, max_size=4
)
SCHEMAS = st.recursive(
    st.fixed_dictionaries({"type": st.sampled_from(["string", "integer", "boolean"])})
    | st.fixed_dictionaries({"enum": st.lists(st.text("ab_'=, ${}", max_size=6), max_size=3)}),
    lambda inner: (
        st.fixed_dictionaries({"properties": st.dictionaries(NAMES, inner, max_size=6)})
        | st.fixed_dictionaries({"type": st.just("array"), "items": inner})
    ),
    max_leaves=15,
)


@given(SCHEMAS, SCHEMAS, st.sampled_from(["", "https://app.clustdoc.com/api/v2", "http://["]), NAMES)
def test_suggested_settings_are_always_valid(returned: Any, sent: Any, server: str, name: str) -> None:
    """Whatever is described, the bot takes every setting that follows, and none has what `.env` quotes or expands."""

    def content(schema: Any) -> dict[str, Any]:
        return {"content": {"application/json": {"schema": schema}}}

    responses = {"200": content(returned), "400": content(sent)}
    paths = {
        "/dossiers": {
            "get": {"responses": responses, "parameters": [{"name": name, "in": "query"}]},
            "post": {"requestBody": content(sent), "responses": responses},
        },
        f"/dossiers/{{{name}}}": {"get": {"responses": responses}, "patch": {"requestBody": content(sent)}},
    }
    tree = {"openapi": "3.0.0", "paths": paths, "servers": [{"url": server}]}
    settings = settings_that_follow({}, compare(describe(tree), Believed(URL)).differences)
    StatusRules.parse(settings.get("CLUST_STATUS_RULES", ""))
    ApiDialect.parse(
        paths=settings.get("CLUST_PATHS", ""),
        parameters=settings.get("CLUST_PARAMETERS", ""),
        fields=settings.get("CLUST_FIELDS", ""),
        responses=settings.get("CLUST_RESPONSES", ""),
        events=settings.get("CLUST_WEBHOOK_EVENTS", ""),
    )
    assert not any("'" in value or "${" in value for value in settings.values())
