/* wheel.c - see wheel.h. SPDX-License-Identifier: MIT */
#include "storyboard/wheel.h"

#include "base/text.h"
#include "storyboard/pack.h"

enum kind { WHEEL_SLOTS, WHEEL_SPOKES };

/* x, y, hub and tyre in the pictures' 128 units; a wheel without a tyre is none. */
static const struct row {
    const char *names; /* separated by blanks */
    enum kind kind;
    float at[WHEEL_MOST][4];
} rows[] = {
    {"taxi police-car automobile",
     WHEEL_SLOTS,
     {{32, 109.8F, 7.5F, 14.2F}, {102.3F, 110.3F, 7.5F, 13.9F}}},
    {"racing-car", WHEEL_SLOTS, {{32.5F, 108.3F, 8.3F, 15.6F}, {102.1F, 108.3F, 8.3F, 15.6F}}},
    {"sport-utility-vehicle",
     WHEEL_SLOTS,
     {{27.8F, 110.4F, 7.4F, 13.7F}, {94.7F, 109.8F, 6.2F, 11.4F}}},
    {"motorcycle", WHEEL_SLOTS, {{20.6F, 106.7F, 9.5F, 19}}},
    {"motor-scooter", WHEEL_SLOTS, {{103.2F, 105.2F, 8, 18.4F}, {22.3F, 106.2F, 7.6F, 18}}},
    {"bus", WHEEL_SLOTS, {{21.3F, 112.4F, 6.2F, 11.6F}, {97.2F, 112.7F, 6.2F, 11.4F}}},
    {"delivery-truck", WHEEL_SLOTS, {{33.7F, 111.3F, 6.7F, 12.8F}, {99.7F, 111.3F, 6.7F, 12.8F}}},
    {"articulated-lorry",
     WHEEL_SLOTS,
     {{28.4F, 113.9F, 4.6F, 9.9F},
      {69, 114.1F, 4.5F, 9.9F},
      {94, 114.1F, 4.5F, 9.7F},
      {112.4F, 113.9F, 4.5F, 9.9F}}},
    {"fire-engine", WHEEL_SLOTS, {{35.8F, 111.1F, 6.8F, 13}, {93.2F, 111.4F, 6.8F, 13}}},
    {"trolleybus", WHEEL_SLOTS, {{21.8F, 112.8F, 6.2F, 11}, {99.8F, 112.8F, 6.2F, 11}}},
    {"minibus", WHEEL_SLOTS, {{101.6F, 112.1F, 6.1F, 11.7F}, {23.5F, 112.3F, 6.1F, 11.7F}}},
    {"ambulance", WHEEL_SLOTS, {{27.7F, 112.1F, 6.3F, 12.1F}, {106.1F, 111.5F, 6.3F, 12.1F}}},
    {"tractor", WHEEL_SLOTS, {{29.7F, 103.6F, 11.5F, 22}, {99.1F, 100.1F, 14.9F, 25}}},
    {"pickup-truck", WHEEL_SLOTS, {{30, 109.7F, 7.3F, 14}, {91.5F, 109.7F, 7.3F, 14}}},
    {"locomotive",
     WHEEL_SLOTS,
     {{50, 116.1F, 4.6F, 7.9F},
      {31.6F, 116.1F, 4.6F, 7.9F},
      {107.6F, 109.7F, 10.9F, 13.5F},
      {76.5F, 109.7F, 10.9F, 13.5F}}},
    {"bicycle", WHEEL_SPOKES, {{27.5F, 99.7F, 21.7F, 24.6F}, {100.4F, 99.7F, 21.7F, 24.6F}}},
    {"person-biking man-biking woman-biking",
     WHEEL_SPOKES,
     {{27.5F, 100.8F, 19.5F, 23.4F}, {100.6F, 100, 19.5F, 23.3F}}},
};

static const struct row *row_of(const char *name)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (text_lists(text_of(rows[i].names), text_of(name)))
            return &rows[i];
    return NULL;
}

struct wheel_set wheel_set_of(int picture)
{
    struct wheel_set s = {.picture = -1};
    const struct row *r = row_of(pack_name(picture));
    if (!r)
        return s;
    s.behind = r->kind == WHEEL_SPOKES;
    s.picture = pack_find(s.behind ? "wheel-spokes" : "wheel-slots");
    for (; s.n < WHEEL_MOST && r->at[s.n][3] > 0; s.n++)
        s.at[s.n] = (struct wheel){.x = r->at[s.n][0] / 128,
                                   .y = r->at[s.n][1] / 128,
                                   .hub = r->at[s.n][2] / 128,
                                   .tyre = r->at[s.n][3] / 128};
    return s;
}
