"""The calls over HTTP: address, the protocol's call, and how requests and answers are translated.

The routes and openapi.json are both made from this table.
"""

from dataclasses import dataclass

from f2p.serving.web import answers, requests
from f2p.serving.web.answers import Renderer
from f2p.serving.web.requests import Builder

__all__ = ["OPERATIONS", "Operation"]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One address and verb.

    Attributes:
        verb, path: of HTTP.
        method: the call's name in the protocol.
        stream: the call that tells its progress, for whoever accepts text/event-stream; none where empty.
        build: makes the request's message.
        render: makes the answer, from the call's.
    """

    verb: str
    path: str
    method: str
    stream: str = ""
    build: Builder
    render: Renderer


OPERATIONS = (
    Operation(
        verb="POST",
        path="/v1/characters",
        method="CreateCharacter",
        stream="StreamCreateCharacter",
        build=requests.create,
        render=answers.created,
    ),
    Operation(
        verb="POST",
        path="/v1/refit",
        method="RefitCharacter",
        stream="StreamRefitCharacter",
        build=requests.refit,
        render=answers.created,
    ),
    Operation(verb="POST", path="/v1/check", method="CheckPhoto", build=requests.check, render=answers.check),
    Operation(verb="POST", path="/v1/preview", method="RenderPreview", build=requests.preview, render=answers.drawing),
    Operation(
        verb="POST", path="/v1/compare", method="CompareParameters", build=requests.compare, render=answers.compare
    ),
    Operation(
        verb="POST", path="/v1/migrate", method="MigrateCharacter", build=requests.migrate, render=answers.migrated
    ),
    Operation(verb="POST", path="/v1/share", method="ShareCharacter", build=requests.share, render=answers.share),
    Operation(verb="GET", path="/v1/share", method="ReceiveCharacter", build=requests.receive, render=answers.received),
    Operation(verb="GET", path="/v1/schema", method="GetSchema", build=requests.schema, render=answers.schema),
    Operation(verb="GET", path="/v1/bundles", method="GetServerInfo", build=requests.nothing, render=answers.info),
)
"""Every call, in the order of the documentation."""
