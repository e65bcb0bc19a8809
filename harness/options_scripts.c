/* The completion scripts: no more than what hands a shell's words to --complete, and the answer
 * back in the shell's own terms. PROGRAM and FUNCTION are replaced. */
#include "harness/nearest.h"
#include "harness/options_parts.h"

#include <ctype.h>
#include <string.h>

/* bash cuts words at = and : and inserts only what stands behind the cut. */
static const char bash_script[] =
    "# bash completion for PROGRAM\n"
    "FUNCTION() {\n"
    "    local word line kept i plain=0 words=()\n"
    "    for ((i = 1; i <= COMP_CWORD; i++)); do\n"
    "        word=${COMP_WORDS[i]}\n"
    "        if [[ ${#words[@]} -gt 0 && ( $word == [=:]* || ${words[-1]} == *[=:] ) ]]; then\n"
    "            words[-1]+=$word\n"
    "        else\n"
    "            words+=(\"$word\")\n"
    "        fi\n"
    "    done\n"
    "    words[-1]=${words[-1]#[\\'\\\"]}\n"
    "    word=${words[-1]}\n"
    "    kept=${word%\"${word##*[=:]}\"}\n"
    "    COMPREPLY=()\n"
    "    while IFS= read -r line; do\n"
    "        case $line in\n"
    "        :files | :folders)\n"
    "            compopt -o filenames 2>/dev/null\n"
    "            [[ $line == :files ]] && i=-f || i=-d\n"
    "            while IFS= read -r line; do\n"
    "                COMPREPLY+=(\"$line\")\n"
    "            done < <(compgen \"$i\" -- \"${word#\"$kept\"}\")\n"
    "            plain=1\n"
    "            ;;\n"
    "        *)\n"
    "            line=${line%%$'\\t'*}\n"
    "            [[ $line == *[-=/:,] ]] || plain=1\n"
    "            COMPREPLY+=(\"${line#\"$kept\"}\")\n"
    "            ;;\n"
    "        esac\n"
    "    done < <(\"${COMP_WORDS[0]/#\\~/$HOME}\" --complete \"${words[@]}\" 2>/dev/null)\n"
    "    [[ $plain -eq 1 ]] || compopt -o nospace 2>/dev/null\n"
    "    return 0\n"
    "}\n"
    "complete -F FUNCTION PROGRAM\n";

static const char zsh_script[] =
    "#compdef PROGRAM\n"
    "FUNCTION() {\n"
    "    local line word\n"
    "    local -a lines whole parts\n"
    "    lines=(\"${(@f)$(${~words[1]} --complete \"${(@)words[2,CURRENT]}\" 2>/dev/null)}\")\n"
    "    for line in \"${lines[@]}\"; do\n"
    "        case $line in\n"
    "        '') ;;\n"
    "        :files) _files ;;\n"
    "        :folders) _files -/ ;;\n"
    "        *)\n"
    "            word=${line%%$'\\t'*}\n"
    "            line=${${line#\"$word\"}#$'\\t'}\n"
    "            word=${word//:/\\\\:}${line:+:$line}\n"
    "            if [[ ${word%%:*} == *[-=/,] ]]; then parts+=(\"$word\"); else "
    "whole+=(\"$word\"); fi\n"
    "            ;;\n"
    "        esac\n"
    "    done\n"
    "    (( ${#whole} )) && _describe -V value whole\n"
    "    (( ${#parts} )) && _describe -V part parts -S ''\n"
    "    return 0\n"
    "}\n"
    "if [[ $funcstack[1] == FUNCTION ]]; then\n"
    "    FUNCTION \"$@\"\n"
    "else\n"
    "    compdef FUNCTION PROGRAM\n"
    "fi\n";

static const char fish_script[] =
    "# fish completion for PROGRAM\n"
    "function _FUNCTION\n"
    "    set -l words (commandline -opc) (commandline -ct)\n"
    "    for line in ($words[1] --complete $words[2..-1] 2>/dev/null)\n"
    "        switch $line\n"
    "            case ':files'\n"
    "                __fish_complete_path (commandline -ct)\n"
    "            case ':folders'\n"
    "                __fish_complete_directories (commandline -ct)\n"
    "            case '*'\n"
    "                echo $line\n"
    "        end\n"
    "    end\n"
    "end\n"
    "complete -c PROGRAM -f -a '(_FUNCTION)'\n";

static const struct {
    const char *shell, *script;
} scripts[] = { { "bash", bash_script }, { "zsh", zsh_script }, { "fish", fish_script } };

enum { NUM_SCRIPTS = sizeof scripts / sizeof scripts[0] };

/* A shell's function has the program's name with _ for what no function may have in it. */
static void print_function(FILE *out, const char *name)
{
    fputc('_', out);
    for (; *name != '\0'; name++)
        fputc(isalnum((unsigned char)*name) ? *name : '_', out);
}

static bool take(const char **text, const char *word)
{
    if (strncmp(*text, word, strlen(word)) != 0)
        return false;
    *text += strlen(word);
    return true;
}

int print_completion_script(FILE *out, const struct program *program, const char *shell,
                            struct error *err)
{
    struct nearest nearest;
    nearest_init(&nearest, shell);
    for (size_t i = 0; i < NUM_SCRIPTS; i++) {
        nearest_offer(&nearest, scripts[i].shell);
        if (strcmp(scripts[i].shell, shell) != 0)
            continue;
        for (const char *text = scripts[i].script; *text != '\0';)
            if (take(&text, "PROGRAM"))
                fputs(program->name, out);
            else if (take(&text, "FUNCTION"))
                print_function(out, program->name);
            else
                fputc(*text++, out);
        return 0;
    }
    return error_set(err, ERROR_USAGE, "no completion for '%s'%s; there is bash, zsh and fish",
                     shell, nearest_hint(&nearest));
}
