/* Learns on the board: takes an exam, learns the records of the file `lesson`, takes the exam again, and keeps what was
 * learned in the file `state`. If there is a state already, it goes on from it, as a device does that was switched off.
 * A record is the number of a label and a sample. Without the file `rate`, steps are as long as in training. */
#include "print.h"
#include MODEL_H

#define JOIN(a, b)  JOIN_(a, b)
#define JOIN_(a, b) a##b
#define OF(name)    JOIN(MODEL, name)
#define AS(name)    JOIN(NET, name)

static AS(_state) state;
static uint32_t scratch[OF(_SCRATCH) / 4];
static uint8_t record[1 + OF(_INPUTS)];

static void begin(void)
{
    int32_t kept = board_open("state", 0), rate = board_open("rate", 0);
    if (kept >= 0 && board_read(kept, &state, sizeof state) == 0 && AS(_state_fits)(&state)) {
        board_print("went on from the state that was kept\n");
        return;
    }
    AS(_state_begin)(&state);
    if (rate >= 0 && board_read(rate, &state.rate, sizeof state.rate) != 0)
        board_print("the file rate is no rate\n");
}

/* The records of one label, the last one, are told apart from the others. A label that is none teaches nothing. */
static void exam(const char *when)
{
    const uint32_t new = OF(_LABELS) - 1;
    uint32_t all[2] = {0, 0}, right[2] = {0, 0};
    int32_t in = board_open("exam", 0);
    while (in >= 0 && board_read(in, record, sizeof record) == 0) {
        all[record[0] == new]++;
        right[record[0] == new] += AS(_learn_u8)(record + 1, OF(_LABELS), &state, (void *)scratch) == record[0];
    }
    board_print(when);
    print(": label ", new, "");
    print(" ", right[1], "");
    print(" of ", all[1], "");
    print(", others ", right[0], "");
    print(" of ", all[0], " right\n");
}

static void lesson(void)
{
    uint32_t steps = 0, most = 0;
    int32_t in = board_open("lesson", 0);
    while (in >= 0 && board_read(in, record, sizeof record) == 0) {
        board_count_begin();
        AS(_learn_u8)(record + 1, record[0], &state, (void *)scratch);
        const uint32_t instructions = board_count();
        most = instructions > most ? instructions : most;
        steps++;
    }
    print("learned ", steps, most == 0 ? " samples\n" : " samples, ");
    if (most > 0) /* the emulator counts */
        print("at most ", most, " instructions each\n");
}

int main(void)
{
    begin();
    exam("before");
    lesson();
    exam("after");
    int32_t out = board_open("state", 1);
    if (out < 0 || board_write(out, &state, sizeof state) != 0)
        return 1;
    print("state ", OF(_STATE_SIZE), " bytes, ");
    print("scratch memory ", OF(_SCRATCH), " bytes\n");
    return 0;
}
