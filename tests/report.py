# SPDX-License-Identifier: MIT
"""A page of syc-report: well nested, no outside reference, no script; prints its text."""
import sys
from html.parser import HTMLParser

VOID = {"meta", "br"}
HTML = {"html", "head", "title", "style", "body", "header", "nav", "ol", "li", "a", "main", "section",
        "footer", "h1", "h2", "h3", "p", "b", "br", "meta", "div", "table", "caption", "thead", "tbody",
        "tr", "th", "td", "span", "figure", "figcaption", "pre"}
SVG = {"svg", "title", "desc", "defs", "g", "path", "rect", "circle", "polygon", "text", "tspan", "use",
       "filter", "feflood", "fecomposite", "line"}


class Page(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.links, self.text = [], set(), set(), []
        self.count = {}

    def handle_decl(self, decl):
        assert decl == "DOCTYPE html" and not self.open, decl

    def handle_starttag(self, tag, attrs):
        in_svg = "svg" in self.open or tag == "svg"
        assert tag in (SVG if in_svg else HTML), "element %s" % tag
        self.check(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert "svg" in self.open and tag in SVG, "element %s" % tag
        self.check(tag, attrs)

    def check(self, tag, attrs):
        self.count[tag] = self.count.get(tag, 0) + 1
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), "an attribute twice: %s" % names
        for name, value in attrs:
            assert not name.startswith("on") and name not in ("src", "style", "srcset", "data"), name
            if name == "id":
                assert value not in self.ids, "id %s twice" % value
                self.ids.add(value)
            if name in ("href", "xlink:href"):
                assert value.startswith("#"), value
                self.links.add(value[1:])
            if value and "url(" in value:
                assert value.startswith("url(#"), value
                self.links.add(value[5:-1])

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, "</%s> in %s" % (tag, self.open)
        self.open.pop()

    def handle_data(self, data):
        if "style" in self.open:
            assert "@import" not in data and "url(" not in data and "<" not in data
        else:
            self.text.append(data)

    def handle_comment(self, data):
        raise AssertionError("a comment")

    def handle_pi(self, data):
        raise AssertionError("a declaration")


page = Page()
page.feed(open(sys.argv[1], encoding="utf-8").read())
page.close()
assert not page.open, page.open
assert page.links <= page.ids, page.links - page.ids
print("".join(page.text))
