"""The report page of a check: one HTML file with every finding, what to do, and the pictures that show it."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence

from engine_bridge.check.session import Picture, Result
from engine_bridge.doors.pictures import write_png

__all__ = ["report_page"]

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 64rem; padding: 0 1rem; color: #222;
background: #fff }
section { border-top: 1px solid #ccc; padding: .8rem 0 } h2 { font-size: 1rem; margin: 0 } p { margin: .3rem 0 }
.fault h2 { color: #a11 } .fault .remedy { font-weight: 600 } figure { display: inline-block; margin: .4rem .6rem 0 0 }
figcaption { font-size: .8rem; color: #555; max-width: 14rem } img { display: block; image-rendering: pixelated }
@media (prefers-color-scheme: dark) { body { background: #1c1c1e; color: #ddd } .fault h2 { color: #f77 } figcaption {
color: #aaa } }
"""


def report_page(target: str, results: Sequence[Result]) -> str:
    """The page's text: faults first, then what is well."""
    faults = [result for result in results if not result.finding.ok]
    verdict = (
        f"{len(faults)} of {len(results)} checks found faults" if faults else f"All {len(results)} checks are well"
    )
    ordered = [*faults, *(result for result in results if result.finding.ok)]
    sections = "\n".join(_section(result) for result in ordered)
    title = html.escape(f"Check of {target}")
    return (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>\n'
        f"<h1>{title}</h1>\n<p>{verdict}.</p>\n{sections}\n</html>\n"
    )


def _section(result: Result) -> str:
    finding = result.finding
    kind, mark = ("well", "ok") if finding.ok else ("fault", "FAULT")
    remedy = "" if finding.ok else f'\n<p class="remedy">{html.escape(finding.remedy)}</p>'
    figures = "".join(_figure(picture) for picture in result.pictures)
    return (
        f'<section class="{kind}"><h2>{mark}: {html.escape(finding.subject)}</h2>\n'
        f"<p>{html.escape(finding.detail)}</p>{remedy}\n{figures}</section>"
    )


def _figure(picture: Picture) -> str:
    data = base64.b64encode(write_png(picture.image)).decode()
    caption = html.escape(picture.caption)
    width = max(picture.image.shape[1], 128)
    return (
        f'<figure><img alt="{caption}" width="{width}" src="data:image/png;base64,{data}">'
        f"<figcaption>{caption}</figcaption></figure>"
    )
