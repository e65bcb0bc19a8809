/* tlsmatrix: the command. This file is the table of commands and options, and nothing else. */
#include "matrix/commands.h"

enum command {
    RUN,
    PLAN,
    LIST,
    SHOW,
    RERUN,
    MERGE,
    STACKS,
    PKI,
    SCENARIO,
    EXPLAIN,
    OBSERVE,
    REPRODUCE,
    DOCTOR,
    PROBE,
    REPORT,
    DIFF,
    COMPARE,
};

#define ON(command) (UINT32_C(1) << (command))
#define PLANNED     (ON(RUN) | ON(PLAN) | ON(LIST))
#define RUNNING     (ON(RUN) | ON(RERUN) | ON(SCENARIO))
#define CASES       (PLANNED | RUNNING | ON(SHOW))
#define TELLING     (ON(REPORT) | ON(DIFF) | ON(COMPARE))
#define DRIVING     (CASES | ON(STACKS))

static const struct command_row commands[] = {
    [RUN] = { "run", "[PROFILE]", "Run the cases of a profile (default: pairwise).",
              "tlsmatrix run smoke\n"
              "tlsmatrix run full --select '*/tls1.3/*' --out results/tls13\n"
              "tlsmatrix run full --shard 2/4 --out shard-2\n"
              "tlsmatrix run --resume runs/full-20260101-120000",
              command_run },
    [PLAN] = { "plan", "[PROFILE]", "Count the cases of a profile, and what is left out and why.",
               "tlsmatrix plan full --json", command_plan },
    [LIST] = { "list", "[PROFILE]",
               "List case ids, profiles, rules, requirements, deviations, scenarios, acceptance.",
               "tlsmatrix list smoke --select 'openssl-*/mutual/*'\n"
               "tlsmatrix list --deviations boringssl.common-name\n"
               "tlsmatrix list --requirements --json",
               command_list },
    [SHOW] = { "show", "ID", "Show what a case is and what must happen, and what did in a run.",
               "tlsmatrix show openssl-gnutls/tls1.3/aes128gcm/x25519/rsa2048/mutual/leaf",
               command_show },
    [RERUN] = { "rerun", "ID…|CASE.json", "Run single cases again, with every fact on show (-v).",
                "tlsmatrix rerun -v openssl-gnutls/tls1.3/aes128gcm/x25519/rsa2048/mutual/leaf",
                command_rerun },
    [MERGE] = { "merge", "OUT IN…", "Join the results of shards into one run folder.",
                "tlsmatrix merge whole shard-1 shard-2 shard-3 shard-4", command_merge },
    [STACKS] = { "stacks", "[add|remove|renew|list|check] [STACK]",
                 "List the stacks, what they can do, and what is unexpected; add builds of your "
                 "own.",
                 "tlsmatrix stacks --features\n"
                 "tlsmatrix stacks --compare openssl gnutls\n"
                 "tlsmatrix stacks add openssl.mine --api openssl --prefix /opt/openssl\n"
                 "tlsmatrix stacks check openssl.mine",
                 command_stacks,
                 "add builds a peer against the headers and libraries under a prefix (with the "
                 "prefix's own loader and libc, if it is a whole root), and STACK is a stack from "
                 "then on, until remove. renew builds it again, check tells whether all that it is "
                 "made of is there and it can what it could, list names those that were added. "
                 "They live in $TLSMATRIX_STACKS, else in ~/.local/share/tlsmatrix/stacks." },
    [PKI] = { "pki", "DIR", "Write the test credentials for use by other tools.",
              "tlsmatrix pki /tmp/pki", command_pki },
    [SCENARIO] = { "scenario", "SCENARIO",
                   "Run one scenario over any stacks, and tell what happened and why.",
                   "tlsmatrix list --scenarios\n"
                   "tlsmatrix scenario mutual-get --client openssl --server gnutls",
                   command_scenario },
    [EXPLAIN] = { "explain", "CAPTURE", "Say why the TLS connections of a pcap or pcapng failed.",
                  "tlsmatrix explain last-night.pcapng --keys sslkeys.log\n"
                  "gzip -dc last-night.pcap.gz | tlsmatrix explain - --failed",
                  command_explain,
                  "Each connection is a line; each that failed has a block with the cause, how "
                  "sure that is and why, what the client offered and the server chose, and the "
                  "numbers of the packets. Keys that are in the capture are used. CAPTURE may be "
                  "- for standard input. Exit code: 0, whatever failed in the capture; 2 if the "
                  "capture cannot be read." },
    [OBSERVE] = { "observe", "CAPTURE", "Say what a passive observer sees of TLS without keys.",
                  "tlsmatrix observe last-night.pcapng --connection 3", command_observe,
                  "Keys that are in the capture are left aside; with them, or with --keys, the "
                  "same packets are opened beside, as a positive control. What is worked out from "
                  "lengths alone is called inferred. CAPTURE may be - for standard input." },
    [REPRODUCE] = { "reproduce", "CAPTURE", "Make a recorded failure happen again on live stacks.",
                    "tlsmatrix reproduce last-night.pcapng --connection 3", command_reproduce,
                    "The end that gave up is played by each stack in turn, configured as that end "
                    "evidently was; the other end says what was recorded, or is a stack "
                    "configured likewise. The folder (default: reproduced-CAPTURE-TIME) has the "
                    "captures, and for each attempt a case file, which `tlsmatrix rerun "
                    "CASE.json` plays again. Exit code: 0 if some stack did the same (end, stage, "
                    "alert), 1 if none did, 2 if there is nothing to reproduce. CAPTURE may be - "
                    "for standard input." },
    [DOCTOR] = { "doctor", "",
                 "Say what is missing on this machine, and the command that mends it.",
                 "tlsmatrix doctor\ntlsmatrix doctor --json", command_doctor,
                 "Everything is tried as a run would use it. What is missing for something else "
                 "than a run is told too. Exit code: 0 if runs have all that they need, 1 if "
                 "not." },
    [PROBE] = { "probe", "HOST:PORT",
                "Say what a server negotiates, and with --all what it accepts.",
                "tlsmatrix probe www.example.org:443\n"
                "tlsmatrix probe localhost:8443 --ca root.pem --client gnutls\n"
                "tlsmatrix probe www.example.org:443 --all --json",
                command_probe,
                "Real connections at the present time, by all stacks as needed. Only what was seen "
                "is claimed: what no stack here offers is not tried, which is not refused. "
                "Exit code: 0 if the server speaks TLS with one of our stacks, 1 if not: a closed "
                "port, no TLS, no answer, or a refusal; 2 if the name does not resolve." },
    [REPORT] = { "report", "RUN", "Write what a run found, for people or for other programs.",
                 "tlsmatrix report runs/pairwise --against runs/last-week\n"
                 "tlsmatrix report runs/pairwise --format junit --out junit.xml",
                 command_report,
                 "The page that is written by default, RUN/report.html, opens from disk and needs "
                 "nothing else: no network, no server." },
    [DIFF] = { "diff", "RUN RUN", "Say what differs between two runs, grouped by cause.",
               "tlsmatrix diff runs/last-week runs/today\n"
               "tlsmatrix diff runs/bookworm runs/trixie --map openssl=openssl_3.5",
               command_diff,
               "Exit code: 1 if something of the kinds of --fail-on differs (default: "
               "new-failures), else 0." },
    [COMPARE] = { "compare", "STACK STACK", "Say how two stacks differ in one run.",
                  "tlsmatrix compare openssl gnutls --run runs/pairwise", command_compare },
    { 0 },
};

static const struct option_row options[] = {
    { "select", 's', "GLOB", "only cases whose id matches; may be repeated", PLANNED },
    { "shard", 0, "I/N", "only part I of N (by hash of the id; I from 1)", PLANNED },
    { "repeat", 0, "N", "each case N times", PLANNED },
    { "stacks", 0, "A,B,…", "only these stacks (default: all, built or added)",
      DRIVING | ON(REPRODUCE) | ON(PROBE) },
    { "stack", 0, "NAME=COMMAND",
      "also this stack, driven by another worker program (without --stacks: this alone); may be "
      "repeated",
      DRIVING | ON(REPRODUCE) | ON(PROBE) },
    { "hellos", 0, "DIR", "also the raw hellos of this folder; may be repeated", CASES },
    { "out", 'o', "DIR",
      "the folder to write (default: runs/PROFILE-TIME; of rerun: a temporary one)",
      ON(RUN) | ON(RERUN) | ON(REPRODUCE) },
    { "out", 'o', "FILE", "the file to write (default: standard output; of html RUN/report.html)",
      ON(REPORT) },
    { "out", 'o', "FILE", "the file to write (default: standard output)", ON(DIFF) | ON(COMPARE) },
    { "format", 0, "FORMAT", "html (default), markdown, junit, jsonl or json", ON(REPORT) },
    { "format", 0, "PAGE", "text (default), markdown, json or html", ON(DIFF) | ON(COMPARE) },
    { "fail-on", 0, "KINDS", "exit with 1 on these differences, A,B,… or all or none", ON(DIFF) },
    { "map", 0, "A=B", "stack A of RUN_A is B in RUN_B; may be repeated", ON(DIFF) },
    { "ids", 0, "FILE", "the cases in this file, one id a line, instead of a profile's", ON(RUN) },
    { "against", 0, "DIR", "the run before: say what is new since then (html)", ON(REPORT) },
    { "resume", 0, "DIR", "go on with the run in this folder", ON(RUN) },
    { "lanes", 'j', "N", "cases at a time (default: twice the processors)", RUNNING },
    { "deadline-ms", 0, "N", "time for a case (default: 30000)", RUNNING },
    { "client", 0, "STACK", "only this stack as the client", ON(SCENARIO) | ON(PROBE) },
    { "server", 0, "STACK", "only this stack as the server", ON(SCENARIO) },
    { "capture", 0, "POLICY", "keep what crossed the wire: none, failures (default), all, whole",
      ON(RUN) | ON(RERUN) },
    { "capture-from", 0, "SOURCE",
      "who records: network (default), or relay: where there is no right to record",
      ON(RUN) | ON(RERUN) },
    { "corpus", 0, "DIR", "also write what both ends said, each shape once, as inputs for ci/fuzz",
      ON(RUN) },
    { "no-isolation", 0, NULL, "do not use a network namespace of the run's own",
      RUNNING | ON(REPRODUCE) },
    { "fault", 0, "STACK=LIE",
      "tell a liar what to lie about (`tlspeer-liar lies` lists it); may be repeated",
      RUNNING | ON(REPRODUCE) },
    { "run", 0, "DIR", "the run whose facts to show", ON(SHOW) },
    { "run", 0, "DIR", "the run to compare in", ON(COMPARE) },
    { "profiles", 0, NULL, "list the profiles", ON(LIST) },
    { "rules", 0, NULL, "list the rules by which cases are left out, or one of them", ON(LIST),
      "[RULE]" },
    { "requirements", 0, NULL, "list the oracle's requirements with their RFC sections, or one",
      ON(LIST), "[REQUIREMENT]" },
    { "deviations", 0, NULL, "list the known deviations, or one of them", ON(LIST), "[DEVIATION]" },
    { "scenarios", 0, NULL, "list the scenarios", ON(LIST) },
    { "acceptance", 0, NULL, "list what is promised and covered by what; of one ROW the commands",
      ON(LIST), "[ROW]" },
    { "features", 0, NULL, "every suite, group and credential of each stack", ON(STACKS) },
    { "compare", 0, NULL, "what one has and the other has not; with --features all, side by side",
      ON(STACKS), "STACK STACK" },
    { "api", 0, "API", "what the build to add is one of", ON(STACKS) },
    { "prefix", 0, "DIR", "where its include and lib are, or a system's root", ON(STACKS) },
    { "keys", 0, "FILE", "secrets of the time (SSLKEYLOGFILE's format), besides the capture's own",
      ON(EXPLAIN) | ON(REPRODUCE) },
    { "keys", 0, "FILE", "secrets (SSLKEYLOGFILE's format) for the positive control", ON(OBSERVE) },
    { "connection", 0, "N", "only connection N, by the numbers that explain gives them, from 1",
      ON(EXPLAIN) | ON(OBSERVE) },
    { "connection", 0, "N", "this connection (default: the first that failed)", ON(REPRODUCE) },
    { "ca", 0, "FILE", "trust this anchor (PEM), and show the recorded chain as it is",
      ON(REPRODUCE) },
    { "all", 0, NULL, "ask for every version, suite and group that our stacks have", ON(PROBE) },
    { "name", 0, "NAME", "ask for this name, and look for it on the certificate (default: HOST)",
      ON(PROBE) },
    { "ca", 0, "FILE", "trust these anchors (PEM; default: the system's)", ON(PROBE) },
    { "alpn", 0, "LIST", "application protocols to offer (default: h2,http/1.1)", ON(PROBE) },
    { "starttls", 0, NULL, "a line each way in clear first, as tlspeer-X --starttls has it",
      ON(PROBE) },
    { "deadline-ms", 0, "N", "time for one connection (default: 5000)", ON(PROBE) },
    { "pause-ms", 0, "N", "wait before each connection, for servers that limit them", ON(PROBE) },
    { "failed", 0, NULL, "only those that failed or came to nothing", ON(EXPLAIN) },
    { "verbose", 'v', NULL, "show facts and expectation of each case", ON(RERUN) },
    { "quiet", 'q', NULL, "no progress", ON(RUN) | ON(RERUN) },
    { "json", 0, NULL, "output for programs (of cases: one object a line)", ON(LIST) },
    { "json", 0, NULL, "one JSON document: connections, datagrams, totals", ON(EXPLAIN) },
    { "json", 0, NULL, "one JSON document: connections, totals", ON(OBSERVE) },
    { "json", 0, NULL, "output for programs",
      ~(ON(PKI) | ON(LIST) | ON(EXPLAIN) | ON(OBSERVE) | TELLING) },
    { 0 },
};

static const struct text_row exits[] = {
    { "0", "all as expected" },        { "1", "something is not" },
    { "2", "usage or configuration" }, { "3", "the harness itself failed" },
    { "130", "interrupted" },          { 0 },
};

static const struct text_row environment[] = {
    { "TLSMATRIX_PEERS", "Where the stacks' programs (tlspeer-*) are." },
    { "TLSMATRIX_STACKS",
      "Where the stacks are that `stacks add` has added; empty: there are none." },
    { "TLSMATRIX_DATA", "Where profiles, scenarios, deviations and capability lists are." },
    { "TLSMATRIX_CACHE", "Where the keys of the test credentials are kept." },
    { "XDG_CACHE_HOME", "Without that: below it the keys of the test credentials are kept." },
    { "NO_COLOR", "If it is set to anything, nothing is coloured, on terminals too." },
    { 0 },
};

int main(int argc, char **argv)
{
    static const struct program program = {
        .name = "tlsmatrix",
        .summary = "Runs real TLS stacks against each other in every combination and checks what "
                   "happens against what the RFCs say must happen.",
        .commands = commands,
        .options = options,
        .values = command_values,
        .exits = exits,
        .environment = environment,
    };
    return program_main(&program, argc, argv);
}
