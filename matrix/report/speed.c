#include "matrix/report/speed.h"

#include "matrix/case.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sample {
    uint32_t when;
    float log_ratio;
};

/* The samples of one stack and suite. */
struct samples {
    char stack[NAME_MAX_LEN], suite[NAME_MAX_LEN];
    struct sample *all; /* owned */
    size_t num, room;
    uint64_t num_seen, stride; /* one of so many is kept */
};

struct speed {
    struct samples *groups; /* sorted by stack and suite */
    size_t num_groups;
    struct speed_finding *findings;
};

struct speed *speed_new(struct error *err)
{
    struct speed *speed = calloc(1, sizeof *speed);
    if (speed == NULL)
        error_set(err, ERROR_HARNESS, "out of memory");
    return speed;
}

void speed_free(struct speed *speed)
{
    if (speed == NULL)
        return;
    for (size_t i = 0; i < speed->num_groups; i++)
        free(speed->groups[i].all);
    free(speed->groups);
    free(speed->findings);
    free(speed);
}

static int order_of(const struct samples *samples, const char *stack, const char *suite)
{
    int order = strcmp(samples->stack, stack);
    return order != 0 ? order : strcmp(samples->suite, suite);
}

/* The group, added in its place if it is new; NULL where there is no room for it. */
static struct samples *group_of(struct speed *speed, const char *stack, const char *suite)
{
    size_t low = 0, high = speed->num_groups;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = order_of(&speed->groups[middle], stack, suite);
        if (order == 0)
            return &speed->groups[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    struct samples *grown = speed->num_groups >= SPEED_GROUPS_MAX
                                ? NULL
                                : reallocarray(speed->groups, speed->num_groups + 1, sizeof *grown);
    if (grown == NULL)
        return NULL;
    speed->groups = grown;
    memmove(&grown[low + 1], &grown[low], (speed->num_groups - low) * sizeof *grown);
    grown[low] = (struct samples){ .stride = 1 };
    snprintf(grown[low].stack, NAME_MAX_LEN, "%s", stack);
    snprintf(grown[low].suite, NAME_MAX_LEN, "%s", suite);
    speed->num_groups++;
    return &grown[low];
}

/* Keeps every second of what there is. */
static void thin_out(struct samples *samples)
{
    for (size_t i = 0; 2 * i < samples->num; i++)
        samples->all[i] = samples->all[2 * i];
    samples->num = (samples->num + 1) / 2;
    samples->stride *= 2;
}

static int keep(struct samples *samples, double log_ratio, uint32_t when, struct error *err)
{
    if (samples->num_seen++ % samples->stride != 0)
        return 0;
    if (samples->num == SPEED_SAMPLES_MAX)
        thin_out(samples);
    if (samples->num == samples->room) {
        size_t room = samples->room == 0 ? SPEED_SAMPLES_MIN : 2 * samples->room;
        struct sample *grown = reallocarray(samples->all, room, sizeof *grown);
        if (grown == NULL)
            return error_set(err, ERROR_HARNESS, "out of memory");
        samples->all = grown;
        samples->room = room;
    }
    samples->all[samples->num++] = (struct sample){ when, (float)log_ratio };
    return 0;
}

int speed_note(struct speed *speed, const char *stack, const char *suite, double ratio,
               uint32_t when, struct error *err)
{
    const char *const groups_of_case[] = { "", suite };
    for (size_t i = 0; i < 2; i++) {
        struct samples *samples = group_of(speed, stack, groups_of_case[i]);
        if (samples == NULL)
            return error_set(err, ERROR_HARNESS, "too many stacks and suites, or out of memory");
        if (keep(samples, log(ratio), when, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- what it comes to ---- */

static int by_time(const void *left, const void *right)
{
    uint32_t a = ((const struct sample *)left)->when, b = ((const struct sample *)right)->when;
    return (a > b) - (a < b);
}

static int by_value(const void *left, const void *right)
{
    float a = *(const float *)left, b = *(const float *)right;
    return (a > b) - (a < b);
}

/* Sorts. */
static double median(float *values, size_t num)
{
    if (num == 0)
        return 0;
    qsort(values, num, sizeof *values, by_value);
    return num % 2 == 1 ? values[num / 2] : (values[num / 2 - 1] + values[num / 2]) / 2.0;
}

static double median_of(const struct sample *samples, size_t num)
{
    static float values[SPEED_SAMPLES_MAX];
    for (size_t i = 0; i < num; i++)
        values[i] = samples[i].log_ratio;
    return median(values, num);
}

/* Are the medians of all stretches of time off in the direction of the whole? */
static bool is_steady(const struct samples *samples, double whole)
{
    for (size_t block = 0; block < SPEED_BLOCKS; block++) {
        size_t first = block * samples->num / SPEED_BLOCKS;
        size_t end = (block + 1) * samples->num / SPEED_BLOCKS;
        double off = median_of(samples->all + first, end - first);
        if ((whole > 0 ? off : -off) < SPEED_LEAST)
            return false;
    }
    return true;
}

/* At how many moments the samples were taken; they are sorted. */
static size_t num_moments(const struct samples *samples)
{
    size_t num = samples->num > 0;
    for (size_t i = 1; i < samples->num; i++)
        num += samples->all[i].when != samples->all[i - 1].when;
    return num;
}

/* ---- the machine's part ---- */

/* All samples of the stacks that have enough of them, as they came, sorted by time. */
struct control {
    struct samples stacks[STACKS_MAX]; /* .all is owned */
    size_t num;
};

static void control_free(struct control *control)
{
    for (size_t i = 0; i < control->num; i++)
        free(control->stacks[i].all);
    free(control);
}

static struct control *control_new(const struct speed *speed)
{
    struct control *control = calloc(1, sizeof *control);
    for (size_t i = 0; control != NULL && i < speed->num_groups; i++) {
        const struct samples *samples = &speed->groups[i];
        if (samples->suite[0] != '\0' || samples->num < SPEED_SAMPLES_MIN ||
            control->num == STACKS_MAX)
            continue;
        struct samples *copy = &control->stacks[control->num];
        *copy = *samples;
        copy->all = calloc(samples->num, sizeof *copy->all);
        if (copy->all == NULL) {
            control_free(control);
            return NULL;
        }
        memcpy(copy->all, samples->all, samples->num * sizeof *copy->all);
        control->num++;
    }
    return control;
}

/* What the stack's own cases around that moment come to. */
static double around(const struct samples *samples, uint32_t when)
{
    float values[SPEED_AROUND];
    size_t low = 0, high = samples->num;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (samples->all[middle].when < when)
            low = middle + 1;
        else
            high = middle;
    }
    size_t first = low > SPEED_AROUND / 2 ? low - SPEED_AROUND / 2 : 0;
    if (first + SPEED_AROUND > samples->num)
        first = samples->num - SPEED_AROUND;
    for (size_t i = 0; i < SPEED_AROUND; i++)
        values[i] = samples->all[first + i].log_ratio;
    return median(values, SPEED_AROUND);
}

/* The median over the stacks, so that one that changed does not move it. */
static double machine_at(const struct control *control, uint32_t when)
{
    float stacks[STACKS_MAX];
    for (size_t i = 0; i < control->num; i++)
        stacks[i] = (float)around(&control->stacks[i], when);
    return median(stacks, control->num);
}

static double machine_overall(const struct control *control)
{
    float stacks[STACKS_MAX];
    for (size_t i = 0; i < control->num; i++)
        stacks[i] = (float)median_of(control->stacks[i].all, control->stacks[i].num);
    return median(stacks, control->num);
}

/* Takes out of each sample what the machine did at its moment; with too few stacks to say, what the
 * whole of its own stack came to. */
static void take_out_machine(struct speed *speed, const struct control *control)
{
    double own = 0;
    bool enough = control->num >= SPEED_STACKS_MIN;
    for (size_t i = 0; i < speed->num_groups; i++) {
        struct samples *samples = &speed->groups[i];
        if (samples->suite[0] == '\0') /* the stack comes before its suites */
            own = median_of(samples->all, samples->num);
        for (size_t j = 0; j < samples->num; j++)
            samples->all[j].log_ratio -=
                (float)(enough ? machine_at(control, samples->all[j].when) : own);
    }
}

static void find(struct speed_finding *out, const struct samples *samples)
{
    double off = median_of(samples->all, samples->num);
    bool enough = num_moments(samples) >= SPEED_SAMPLES_MIN;
    *out = (struct speed_finding){
        .stack = samples->stack,
        .suite = samples->suite,
        .num_samples = samples->num,
        .ratio = exp(off),
        .enough = enough,
        .beyond_noise = enough && fabs(off) >= SPEED_BEYOND && is_steady(samples, off),
    };
}

size_t speed_findings(const struct speed_finding **out, double *machine, struct speed *speed,
                      bool is_machine)
{
    for (size_t i = 0; i < speed->num_groups; i++)
        qsort(speed->groups[i].all, speed->groups[i].num, sizeof *speed->groups[i].all, by_time);
    struct control *control = control_new(speed);
    *machine = 1;
    *out = speed->findings = calloc(speed->num_groups + 1, sizeof *speed->findings);
    if (speed->findings == NULL || control == NULL) {
        if (control != NULL)
            control_free(control);
        return 0;
    }
    if (is_machine) {
        *machine = control->num < SPEED_STACKS_MIN ? 1 : exp(machine_overall(control));
        take_out_machine(speed, control);
    }
    control_free(control);
    for (size_t i = 0; i < speed->num_groups; i++)
        find(&speed->findings[i], &speed->groups[i]);
    return speed->num_groups;
}
