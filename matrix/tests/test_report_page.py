"""The report as its reader has it: in a real browser, from disk. What must not be able to happen is a
failure that is not on the first screen, a number that is not the run's, a word of a peer's that is
markup, a place that cannot be reached by keyboard, on a phone or in the dark."""

import re
import shlex
import shutil
from collections import Counter
from urllib.parse import urlencode

import pytest
from big_run import multiply
from e2e import LIAR, RED, cases_of, tlsmatrix, write_profile

selenium = pytest.importorskip("selenium", reason="not installed: python3-selenium")
from report_page import Keys, Page, change, change_documents, rows, start_browser  # noqa: E402

STACKS = ["--stacks", "openssl,boringssl", "--stack", LIAR, "--fault", "liar=wrong-group"]
HOSTILE = "<script>window.pwned=1</script><img src=x onerror='window.pwned=2'></script>\"'&amp;"
VIEWS = (
    "#overview", "#matrix", "#cases", "#stack?name=openssl", "#speed",
    "#speed?by=got-suite&measure=bytes",
)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Passes, failures of several kinds, inconclusive refusals, cases that are unsupported."""
    folder = tmp_path_factory.mktemp("page")
    profile = write_profile(
        folder / "mixed.yaml",
        version=["tls1.2", "tls1.3", "tls1.2:tls1.3"],
        group=["x25519"],
        credential=["ecdsa-p256", "rsapss2048"],
        auth=["server", "mutual", "mutual-none-sent"],
        pin=["off", "leaf", "leaf-wrong"],
    )
    done = tlsmatrix("run", profile, *STACKS, "--out", folder / "run", "--quiet", "--capture", "all")
    assert done.status == RED
    assert tlsmatrix("report", folder / "run").err == ""
    return folder / "run"


@pytest.fixture(scope="module")
def browser():
    browser = start_browser()
    yield browser
    browser.quit()


@pytest.fixture
def page(browser, run):
    """The run's report, open; a word on the browser's console fails the test."""
    page = Page(browser)
    page.set_width(1280)
    page.set_media()
    page.complaints()
    page.open(run / "report.html")
    yield page
    assert page.complaints() == []


def number_in(text):
    return int(text.replace(",", ""))


def planned(run):
    return cases_of(run).values()


def is_red(case):
    return case.verdict in ("fail", "crash", "timeout", "xpass", "harness-error") or (
        case.verdict == "inconclusive" and case.deviation == "")


def reasons_of(run):
    """Counter of (verdict and kind, reason) of what is red."""
    red = [case for case in planned(run) if is_red(case)]
    return Counter((f"{case.verdict} {case.kind}".strip(), case.reason) for case in red)


def unmentioned(page, run):
    """What is red and not on the first screen with the number of its cases."""
    words = "['h3', '.reason', '.finding-count'].map(part => node.querySelector(part).textContent)"
    told = {tuple(finding) for finding in page.each("#main .finding", words)}
    return [
        reason for reason, number in reasons_of(run).items()
        if (*reason, f"{number} case{'s' * (number != 1)}") not in told
    ]


# ---- the first screen ----


def test_every_failure_is_on_the_first_screen(page, run):
    assert any(is_red(case) for case in planned(run))
    assert unmentioned(page, run) == []


def test_a_failure_that_is_not_there_is_noticed(page, run, tmp_path):
    copy = shutil.copytree(run, tmp_path / "copy")
    passed = next(case.id for case in planned(run) if case.verdict == "pass")
    judged = "UPDATE cases SET verdict = 'fail', kind = 'no-alert', reason = 'planted' WHERE id = ?1"
    change(copy, judged, passed)
    assert unmentioned(page, copy) == [("fail no-alert", "planted")]
    tlsmatrix("report", copy)
    assert unmentioned(page.open(copy / "report.html"), copy) == []


def test_the_verdict_and_the_counts_are_the_runs(page, run):
    counts = Counter(case.verdict for case in planned(run))
    assert "Red" in page.find("#verdict").text
    words = "[node.childNodes[2].textContent.trim(), node.querySelector('b').textContent]"
    told = page.each("#main > .verdicts .legend-item", words)
    assert {verdict: number_in(text) for verdict, text in told} == counts


def test_the_worst_stands_first(page):
    order = [
        "fail accepted-what-must-be-refused", "fail ends-disagree", "fail refused-what-must-be-accepted",
        "fail wrong-negotiation", "fail no-alert", "fail wrong-alert", "inconclusive",
    ]
    order = [order.index(head) for head in page.each("#main .finding h3")]
    assert order == sorted(order) and len(order) > 1


def test_a_green_run_is_green(page, tmp_path):
    profile = write_profile(tmp_path / "good.yaml", auth=["server"])
    tlsmatrix("run", profile, "--stacks", "openssl", "--out", tmp_path / "run", "--quiet")
    tlsmatrix("report", tmp_path / "run")
    page.open(tmp_path / "run" / "report.html")
    assert page.find("#verdict").text.endswith("Green: everything is as the RFCs want it")
    assert page.all("#main .finding") == []


def test_what_is_new_is_told(page, run, tmp_path):
    before = shutil.copytree(run, tmp_path / "before")
    fresh = next(case.id for case in planned(run) if case.verdict == "fail")
    passed, gone = [case.id for case in planned(run) if case.verdict == "pass"][:2]
    judged = "UPDATE cases SET verdict = ?2, kind = ?3, reason = ?4 WHERE id = ?1"
    change(before, judged, fresh, "pass", "", "")
    change(before, judged, passed, "fail", "no-alert", "old")
    change(before, "UPDATE cases SET id = id || '#7' WHERE id = ?1", gone)
    tlsmatrix("report", run, "--against", before, "--out", tmp_path / "x.html")
    page.open(tmp_path / "x.html")
    assert [item.text for item in page.all(".news-item")] == [
        "1 new failure", "1 fixed", "0 with another verdict", "1 new case", "1 vanished"]
    assert f"{gone}#7" in page.text
    page.click(".news-item.n1")
    assert [line.text for line in page.all(".case-line code")] == [fresh]
    page.go("#cases?news=fixed")
    assert [line.text for line in page.all(".case-line code")] == [passed]


def test_runs_without_a_case_in_common_are_told_so(page, run, tmp_path):
    before = shutil.copytree(run, tmp_path / "before")
    tlsmatrix("report", run, "--against", before, "--out", tmp_path / "x.html")
    page.open(tmp_path / "x.html")
    assert "nothing could be held against it" not in page.text
    change(before, "UPDATE cases SET id = id || '#7'")
    tlsmatrix("report", run, "--against", before, "--out", tmp_path / "y.html")
    page.open(tmp_path / "y.html")
    assert "No case of this run is one of that run: nothing could be held against it." in page.text


# ---- filters, drilling down, the address ----


def test_filters_leave_what_the_run_has(page, run):
    page.go("#cases")
    assert page.number_of_cases() == len(planned(run))
    page.click("input[data-filter=verdict][value=fail]")
    assert page.number_of_cases() == sum(case.verdict == "fail" for case in planned(run))
    page.click("input[data-filter=verdict][value=pass]")
    assert page.number_of_cases() == sum(case.verdict in ("fail", "pass") for case in planned(run))
    page.go(page.fragment + "&version=tls1.3")
    assert page.number_of_cases() == sum(
        case.verdict in ("fail", "pass") and case.id.split("/")[1] == "tls1.3" for case in planned(run))


def test_what_is_chosen_stands_in_the_address(page):
    page.go("#cases")
    page.click("input[data-filter=verdict][value=fail]")
    number = page.number_of_cases()
    assert "verdict=fail" in page.fragment
    page.reload()
    assert page.number_of_cases() == number
    page.drawn(page.browser.back)
    assert page.number_of_cases() > number
    page.drawn(page.browser.forward)
    assert page.number_of_cases() == number
    page.click(".chip")
    assert "verdict" not in page.fragment


def test_the_counts_beside_a_filter_are_what_choosing_it_gives(page):
    page.go("#cases?version=tls1.3")
    words = "[node.querySelector('input').value, node.querySelector('.facet-count').textContent]"
    told = page.each("[data-facet=verdict] .facet-word", words)
    assert len(told) > 2
    for verdict, number in told:
        page.go(f"#cases?version=tls1.3&verdict={verdict}")
        assert page.number_of_cases() == number_in(number)


@pytest.mark.parametrize("text, matches", [
    ("liar", lambda case: "liar" in case.id or "liar" in case.reason),
    ("boringssl tls1.2", lambda case: "boringssl" in case.id and "tls1.2" in case.id),
    ("openssl-*/tls1.3/*/leaf", lambda case: re.search(r"openssl-.*/tls1\.3/.*/leaf", case.id)),
    ("{openssl,boringssl}-liar/*", lambda case: re.search(r"(openssl|boringssl)-liar/", case.id)),
    ("nothing-like-it", lambda case: False),
])
def test_words_and_patterns_filter(page, run, text, matches):
    page.go("#cases")
    field = page.find("#text-filter")
    page.drawn(lambda: field.send_keys(text, Keys.ENTER))
    assert page.number_of_cases() == sum(bool(matches(case)) for case in planned(run))


def cells_of(page):
    """(address, number of cases as its title adds them up) of each cell."""
    numbers = re.compile(r"([\d,]+) [a-z-]+(?:,|$)")
    return [
        (address, sum(map(number_in, numbers.findall(title.split(": ", 1)[1]))))
        for address, title in page.each(".cell-link", "[node.hash, node.title]")
    ]


@pytest.mark.parametrize("line, column", [
    ("client", "server"), ("version", "pin"), ("verdict", "auth"), ("client-alert", "fault"),
    ("got-group", "server"),
])
def test_a_cell_of_the_matrix_leads_to_its_cases(page, line, column):
    cells = cells_of(page.go(f"#matrix?rows={line}&columns={column}"))
    assert cells
    for fragment, number in cells[:12]:
        page.go(fragment)
        assert page.number_of_cases() == number > 0


def test_the_matrix_holds_every_case(page, run):
    cells = cells_of(page.go("#matrix?rows=version&columns=auth"))
    assert sum(number for _, number in cells) == len(planned(run))


def test_a_cell_is_told_by_its_shape_too(page):
    page.go("#matrix")
    signs = "[node.className, node.querySelector('.sign').textContent]"
    by_verdict = dict(page.each("td.cell:not(.empty)", signs))
    assert len(by_verdict) > 1 and len(set(by_verdict.values())) == len(by_verdict)


def test_from_red_to_the_reason_in_one_click(page, run):
    first = next(card for card in page.all("#main .finding"))
    reason = first.find_element("css selector", ".reason").text
    link = first.find_element("css selector", "p a[href^='#case?']")
    page.drawn(link.click)
    assert reason in page.text and "What each end saw" in page.text


# ---- a single case ----


def case_page(page, run, where):
    case = next(case for case in planned(run) if where(case))
    page.go("#overview")
    page.go("#case?" + urlencode({"id": case.id}))
    return case


def test_the_facts_of_both_ends_are_shown(page, run):
    case = case_page(page, run, lambda case: case.verdict == "fail" and case.client and case.server)
    shown = page.table(".facts")
    for name in "result", "stage", "version", "suite":
        assert shown[name] == [str(case.client.get(name, "–")), str(case.server.get(name, "–"))]
    assert case.reason in page.text


def test_what_was_expected_is_shown_also_of_a_case_that_passed(page, run):
    case = case_page(page, run, lambda case: case.verdict == "pass" and "none-sent" in case.id)
    told = tlsmatrix("show", case.id, "--run", run, "--json").json["expectation"]
    assert f"refused: {told['fault']}" in page.text
    for requirement in told["requirements"]:
        assert requirement["id"] in page.text and requirement["text"] in page.text
    links = page.each(".requirements a", "node.href")
    assert "https://www.rfc-editor.org/rfc/rfc8446.html#section-6.2" in links


def test_the_ladder_has_the_steps_of_the_wire(page, run):
    case = case_page(
        page, run, lambda case: case.verdict == "pass" and re.search("/tls1.3/.*/leaf$", case.id))
    ladder = tlsmatrix("show", case.id, "--run", run, "--json").json["ladder"]
    titles = page.each(".ladder .step title")
    assert len(titles) == len(ladder) > 6
    for title, (who, kind, name, covered, length, *_) in zip(titles, ladder):
        assert title.startswith("client: " if who == "c" else "server: ")
        assert (name or kind.replace("_", " ")) in title
        assert ("under protection" in title) == bool(covered)
        assert length == 0 or f"{length:,} B" in title


def test_the_capture_is_where_it_says(page, run):
    case_page(page, run, lambda case: case.verdict == "fail")
    link = page.find("#capture")
    name = link.text
    assert (run / "captures" / name).stat().st_size > 0
    assert link.get_attribute("href") == (run / "captures" / name).as_uri()


def test_a_case_without_a_capture_says_so(page, run):
    case_page(page, run, lambda case: case.verdict == "unsupported")
    assert page.all("#capture") == [] and "No capture was kept" in page.text


def test_the_command_that_runs_it_again_is_copied(page, run):
    case = case_page(page, run, lambda case: case.verdict == "fail")
    page.script("navigator.clipboard.writeText = async text => { window.copied = text }")
    page.script("document.querySelector('.copy').click()")
    command = page.until("a copy", lambda: page.script("return window.copied"))
    options = re.escape(shlex.join(map(str, STACKS)))
    assert re.fullmatch(rf"\S+tlsmatrix rerun -v '?{re.escape(case.id)}'? {options}", command)
    assert page.until("the word", lambda: page.find("#toast").text) == "Copied"


def marked(page):
    """{fact: which ends' words on it are marked as not the other's}."""
    lines = page.each("table.facts tbody tr", "[...node.children].map("
                      "cell => [cell.textContent, cell.classList.contains('differ')])")
    return {line[0][0]: [differs for _, differs in line[1:]] for line in lines if len(line) == 3}


def test_what_the_ends_contradict_each_other_in_is_marked(page, run):
    lied = case_page(page, run, lambda case: "reports group" in case.reason and
                     case.client.get("group") != case.server.get("group")
                     and case.client.get("group") and case.server.get("group"))
    found = marked(page)
    assert found["group"] == [True, True], lied.id
    assert found["suite"] == found["version"] == [False, False]


def test_what_an_end_that_broke_off_does_not_say_is_no_contradiction(page, run):
    case_page(page, run, lambda case: case.verdict == "pass" and "suite" in case.client
              and "suite" not in case.server and "alert_sent" in case.server
              and "alert_received" in case.client)
    found = marked(page)
    assert not any(ends for fact in ("suite", "version", "alert sent", "alert received")
                   for ends in found[fact])


def test_the_same_case_between_other_stacks_is_at_hand(page, run):
    case_page(page, run, lambda case: case.id.startswith("openssl-liar/tls1.3"))
    assert "The same between other stacks" in page.text
    assert len(page.all(".matrix .cell-link")) == 9


def test_a_twin_that_was_not_planned_can_be_looked_at(page, run):
    ids = [case.id for case in cases_of(run, planned_only=False).values() if not case.planned]
    page.go("#cases?twins=1")
    assert page.number_of_cases() == len(planned(run)) + len(ids)


def test_a_case_that_is_not_there_is_said_to_be_so(page):
    page.go("#case?id=openssl-openssl%2Ftls9")
    assert page.title == "No such case"


# ---- links ----


def reachable(page, most):
    """Fragments that links lead to, breadth first; each is visited."""
    seen, queue = set(), ["#overview"]
    while queue and len(seen) < most:
        fragment = queue.pop(0)
        if fragment in seen:
            continue
        seen.add(fragment)
        page.go(fragment)
        yield fragment
        queue += sorted(set(page.each("a[href^='#']:not(.skip)", "node.getAttribute('href')")))[:40]


def test_no_link_leads_nowhere(page):
    visited = 0
    for fragment in reachable(page, 70):
        assert "No such case" not in page.text and "cannot be read" not in page.text, fragment
        assert not page.text.startswith("0 cases"), fragment
        visited += 1
    assert visited == 70


def linked(page, text, what):
    links = "linkReferences(arguments[0]).filter(node => node.href)"
    return page.script(f"return {links}.map(node => node[arguments[1]])", text, what)


@pytest.mark.parametrize("text, links", [
    ("RFC 8446 sections 4.1.3, 4.2.1, D.1 and D.2; RFC 5246 section 7.4.1.3 and E.1",
     ["8446", "8446#section-4.1.3", "8446#section-4.2.1", "8446#appendix-D.1", "8446#appendix-D.2",
      "5246", "5246#section-7.4.1.3", "5246#appendix-E.1"]),
    ("RFC 7568 section 3; RFC 5246 appendix E.1", ["7568", "7568#section-3", "5246", "5246#appendix-E.1"]),
    ("RFC 8446 section 7.5 (and RFC 5705, which it carries on); RFC 9846 section 7.5",
     ["8446", "8446#section-7.5", "5705", "9846", "9846#section-7.5"]),
    ("ours; the handshake that must come first: RFC 8446 section 4.4.4", ["8446", "8446#section-4.4.4"]),
    ("RFC 9525; RFC 6125 section 6.4.4", ["9525", "6125", "6125#section-6.4.4"]),
    ("ours", []),
])
def test_references_are_linked_to_their_sections(page, text, links):
    found = linked(page, text, "href")
    pages = [link.replace("#", ".html#") if "#" in link else f"{link}.html" for link in links]
    assert found == [f"https://www.rfc-editor.org/rfc/rfc{link}" for link in pages]
    assert page.script("return el('p', {}, linkReferences(arguments[0])).textContent", text) == text


def test_every_reference_of_the_project_is_linked(page):
    lists = [tlsmatrix("list", what, "--json").json for what in ("--requirements", "--deviations")]
    for text in [row["see"] for rows_listed in lists for row in rows_listed]:
        found = linked(page, text, "textContent")
        for rfc in re.findall(r"RFC \d+", text):
            assert rfc in found
        for number in re.findall(r"(?<![\w.])(?:\d+|[A-Z])(?:\.\d+)+", text):
            assert number in found, text


# ---- stacks, speed ----


def test_a_stack_tells_what_it_is_known_for_and_what_it_can(page):
    page.go("#stack?name=openssl")
    text = page.text
    for row in tlsmatrix("list", "--deviations", "--json").json:
        assert (row["name"] in text) == (row["stack"] == "openssl")
    (declared,) = (stack for stack in tlsmatrix("stacks", "--json").json if stack["stack"] == "openssl")
    assert f"{len(declared['suites'])} suites of " in page.text
    assert set(page.table("#suites")) >= set(declared["suites"])


def test_a_stacks_alerts_are_counted_by_cause(page, run):
    page.go("#stack?name=openssl")
    missing = [
        case.server["alert_sent"] for case in planned(run)
        if re.search("-openssl/tls1.[23]/.*/mutual-none-sent/", case.id) and case.server
        and case.server["result"] == "refused"
    ]
    assert set(missing) == {40, 116}
    told = page.table(".alerts")["no-client-certificate"][0]
    assert f"server certificate_required{missing.count(116)}" in told.replace("server", "server ")
    assert f"server handshake_failure{missing.count(40)}" in told.replace("server", "server ")


def test_the_number_beside_an_alert_is_that_of_its_cases(page):
    page.go("#stack?name=openssl")
    counts = page.each(".alert-count", "[node.hash, node.querySelector('b').textContent]")
    assert len(counts) > 2
    for fragment, number in counts:
        page.go(fragment)
        assert page.number_of_cases() == number_in(number)


def test_the_speed_is_that_of_the_accepted(page, run):
    page.go("#speed?by=pair&measure=bytes")
    number, _, median, _ = page.table("main .filtered")["openssl → boringssl"]
    accepted = rows(
        run,
        "SELECT client_bytes + server_bytes FROM readable WHERE planned AND client_bytes > 0"
        " AND client_facts LIKE '{\"result\":\"accepted\"%'"
        " AND server_facts LIKE '{\"result\":\"accepted\"%'"
        " AND id LIKE 'openssl-boringssl/%' ORDER BY 1",
    )
    assert int(number) == len(accepted) > 2
    assert median == f"{accepted[len(accepted) // 2][0]:,} B"


# ---- whoever reads it, wherever ----


def test_a_hostile_peers_words_are_words(page, run, tmp_path):
    copy = shutil.copytree(run, tmp_path / "copy")

    def poison(document):
        if isinstance(document, dict) and "result" in document:
            document["error_text"] = document["verify_text"] = HOSTILE
            document["suite"] = HOSTILE

    change_documents(copy, poison)
    change(copy, "UPDATE cases SET reason = ?1, check_name = ?1 WHERE verdict = 'fail'", HOSTILE)
    change(copy, "UPDATE stacks SET capabilities = replace(capabilities, '\"library\":\"', ?1)",
           '"library":"<img src=x onerror=pwned=3>')
    change(copy, "UPDATE run SET value = ?1 WHERE key IN ('started', 'profile')", HOSTILE)
    change(copy, "UPDATE cases SET id = replace(id, '/leaf', '/<b>leaf') WHERE verdict = 'fail'")
    tlsmatrix("report", copy, "--out", tmp_path / "x.html")
    assert "pwned" not in (tmp_path / "x.html").read_text()
    page.open(tmp_path / "x.html")
    shown = False
    for fragment in [*VIEWS, "#cases?verdict=fail", None]:
        if fragment is None:
            page.go("#cases?verdict=fail")
            page.click(".case-line")
        else:
            page.go(fragment)
        assert page.script("return window.pwned === undefined")
        assert page.all("#main img, #main script, #main b b") == []
        shown = shown or HOSTILE in page.text
    assert shown and "What each end saw" in page.text and HOSTILE in page.text


def test_nothing_is_fetched(page):
    for fragment in VIEWS:
        page.go(fragment)
    assert page.script("return performance.getEntriesByType('resource').length") == 0


def test_all_can_be_done_by_keyboard(page):
    page.press("2")
    page.until("the matrix", lambda: page.fragment == "#matrix" and page.all(".cell-link"))
    page.press("j")
    first = page.script("return document.activeElement.title")
    page.press(Keys.ARROW_RIGHT)
    second = page.script("return document.activeElement.title")
    assert first != second and page.script("return document.activeElement.className") == "cell-link"
    page.drawn(lambda: page.press(Keys.ENTER))
    assert page.fragment.startswith("#cases?")
    page.press("/")
    assert page.script("return document.activeElement.id") == "text-filter"
    page.press("?")
    assert not page.script("return document.querySelector('dialog').open")
    page.press(Keys.BACKSPACE, Keys.TAB, "?")
    assert page.script("return document.querySelector('dialog').open")
    page.press(Keys.ESCAPE)
    assert not page.script("return document.querySelector('dialog').open")
    page.drawn(lambda: page.press("u"))
    assert page.fragment == "#matrix"


def test_everything_that_can_be_clicked_can_be_reached_by_tab(page):
    for fragment in VIEWS:
        page.go(fragment)
        assert page.all("#main :is([onclick], a:not([href]), [tabindex='-1'])") == [], fragment
        named = "node.textContent.trim() || node.getAttribute('aria-label') || node.labels?.length"
        assert all(page.each("a, button, input, select", named)), fragment


CONTRAST = """
const linear = part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
const light = color => {
  const [r, g, b] = color.match(/[\\d.]+/g).map(word => linear(Number(word) / 255));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = node => {
  for (; node; node = node.parentElement) {
    const color = getComputedStyle(node).backgroundColor;
    if (!/, 0\\)$/.test(color)) return color;
  }
  return 'rgb(255, 255, 255)';
};
const elsewhere = 'svg, noscript, script, style, dialog:not([open]), #toast, .skip, .nothing, option';
const poor = [];
for (const node of document.querySelectorAll('body *')) {
  const hasText = [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim());
  if (!hasText || node.closest(elsewhere) || node.getClientRects().length === 0) continue;
  const color = getComputedStyle(node).color;
  const [a, b] = [light(color), light(ground(node))].sort((x, y) => y - x);
  if ((a + 0.05) / (b + 0.05) < 4.5) poor.push(`${node.className}: ${color} on ${ground(node)}`);
}
return [...new Set(poor)];
"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_all_text_has_contrast(page, dark):
    page.set_media(dark=dark)
    for fragment in VIEWS:
        page.go(fragment)
        assert page.script(CONTRAST) == [], fragment


def test_the_dark_is_dark(page):
    page.set_media(dark=True)
    page.go("#matrix")
    (color,) = page.each("html", "getComputedStyle(node).backgroundColor")
    assert max(int(word) for word in re.findall(r"\d+", color)) < 64


@pytest.mark.parametrize("width", [340, 720])
def test_a_narrow_screen_needs_no_scrolling_sideways(page, run, width):
    page.set_width(width)
    page.open(run / "report.html")
    for fragment in [*VIEWS, "#matrix?rows=auth&columns=pin", None]:
        if fragment is None:
            case_page(page, run, lambda case: case.verdict == "fail")
        else:
            page.go(fragment)
        assert page.script("return document.documentElement.scrollWidth <= innerWidth"), fragment


def test_filters_are_folded_where_there_is_no_room(page, run):
    page.set_width(340)
    page.open(run / "report.html", "#cases")
    assert not page.script("return document.querySelector('.filters').open")
    page.set_width(1280)
    page.open(run / "report.html", "#cases")
    assert page.script("return document.querySelector('.filters').open")


def test_paper_has_no_buttons(page):
    page.set_media(media="print")
    assert set(page.each(".top, .copy", "getComputedStyle(node).display")) == {"none"}
    assert page.all(".finding")


# ---- large runs ----


def test_a_large_run_is_small_and_answers_at_once(page, run, tmp_path):
    number = 100_000
    multiply(run, tmp_path / "big", number)
    tlsmatrix("report", tmp_path / "big")
    report = tmp_path / "big" / "report.html"
    assert report.stat().st_size < 40 * number  # 20 MB at half a million
    page.open(report)
    (planned_number,) = rows(tmp_path / "big", "SELECT count(*) FROM cases WHERE planned")[0]
    page.go("#cases")
    assert page.number_of_cases() == planned_number >= number / 2
    times = []
    for fragment in ("#cases?verdict=fail", "#matrix?rows=version&columns=auth", "#cases?version=tls1.3"):
        page.go(fragment)
        times.append(float(page.script("return document.querySelector('#main').dataset.drawnMs")))
    assert sorted(times)[1] < 500  # a fifth of a second for half a million on an idle machine
    page.click(".case-line")
    assert "What each end saw" in page.text
