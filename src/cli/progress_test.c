/* progress_test.c - the line that a person watches. SPDX-License-Identifier: MIT */
#include "cli/progress.h"

#include "unit.h"

TEST(a_line_shows_bar_per_cent_stage_and_seconds)
{
    static const struct {
        double done;
        double seconds;
        const char *line;
    } rows[] = {
        {0, 0, "[------------------------------]   0 %  drawing      0.0 s"},
        {0.5, 1.25, "[###############---------------]  50 %  drawing      1.2 s, 2 s left"},
        {1, 100, "[##############################] 100 %  drawing    100.0 s"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char line[120];
        progress_line("drawing", rows[i].done, rows[i].seconds, line, sizeof line);
        assert_string_equal(line, rows[i].line);
    }
}
