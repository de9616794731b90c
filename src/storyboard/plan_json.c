/* plan_json.c - the names of what a plan holds, and the plan as JSON; see plan.h.
 *
 * SPDX-License-Identifier: MIT */
#include "storyboard/plan.h"

#include <jansson.h>
#include <math.h>

#include "base/memory.h"
#include "storyboard/pack.h"

static const char *const places[PLACES] = {
    [PLACE_MOUNTAINS] = "mountains",
    [PLACE_HILLS] = "hills",
    [PLACE_MEADOW] = "meadow",
    [PLACE_FOREST] = "forest",
    [PLACE_JUNGLE] = "jungle",
    [PLACE_DESERT] = "desert",
    [PLACE_CANYON] = "canyon",
    [PLACE_BEACH] = "beach",
    [PLACE_SEA] = "sea",
    [PLACE_LAKE] = "lake",
    [PLACE_SNOW] = "snow",
    [PLACE_CITY] = "city",
    [PLACE_VILLAGE] = "village",
    [PLACE_SPACE] = "space",
    [PLACE_UNDERWATER] = "underwater",
    [PLACE_SKY] = "sky",
    [PLACE_VOLCANO] = "volcano",
    [PLACE_MOON] = "moon",
    [PLACE_GARDEN] = "garden",
    [PLACE_ROAD] = "road",
};
static const char *const times[TIMES] = {
    [TIME_DAWN] = "dawn", [TIME_DAY] = "day",     [TIME_GOLDEN] = "golden hour",
    [TIME_DUSK] = "dusk", [TIME_NIGHT] = "night",
};
static const char *const weathers[WEATHERS] = {
    [WEATHER_CLEAR] = "clear", [WEATHER_CLOUD] = "cloud", [WEATHER_RAIN] = "rain",
    [WEATHER_SNOW] = "snow",   [WEATHER_FOG] = "fog",     [WEATHER_STORM] = "storm",
};
static const char *const moods[MOODS] = {
    [MOOD_PLAIN] = "plain", [MOOD_MENACING] = "menacing", [MOOD_JOYFUL] = "joyful",
    [MOOD_CALM] = "calm",   [MOOD_SAD] = "sad",           [MOOD_DREAMY] = "dreamy",
};
static const char *const moves[MOVES] = {
    [MOVE_STAND] = "stand",   [MOVE_APPEAR] = "appear", [MOVE_APPROACH] = "approach",
    [MOVE_RECEDE] = "recede", [MOVE_WALK] = "cross",    [MOVE_RUN] = "run",
    [MOVE_FLY] = "fly",       [MOVE_RISE] = "rise",     [MOVE_FALL] = "fall",
    [MOVE_FLOAT] = "float",   [MOVE_JUMP] = "jump",     [MOVE_DANCE] = "dance",
    [MOVE_CIRCLE] = "circle",
};
static const char *const shots[SHOTS] = {
    [SHOT_TRUCK_LEFT] = "Truck left",
    [SHOT_TRUCK_RIGHT] = "Truck right",
    [SHOT_PAN_LEFT] = "Pan left",
    [SHOT_PAN_RIGHT] = "Pan right",
    [SHOT_PUSH_IN] = "Push in",
    [SHOT_PULL_OUT] = "Pull out",
    [SHOT_PEDESTAL_UP] = "Pedestal up",
    [SHOT_PEDESTAL_DOWN] = "Pedestal down",
    [SHOT_TILT_UP] = "Tilt up",
    [SHOT_TILT_DOWN] = "Tilt down",
    [SHOT_ZOOM_IN] = "Zoom in",
    [SHOT_ZOOM_OUT] = "Zoom out",
    [SHOT_SHAKE] = "Shake",
    [SHOT_TRACKING] = "Tracking shot",
    [SHOT_STATIC] = "Static shot",
};
static const char *const colours[COLOURS] = {
    [COLOUR_OWN] = "own",       [COLOUR_RED] = "red",       [COLOUR_ORANGE] = "orange",
    [COLOUR_YELLOW] = "yellow", [COLOUR_GREEN] = "green",   [COLOUR_TEAL] = "teal",
    [COLOUR_BLUE] = "blue",     [COLOUR_PURPLE] = "purple", [COLOUR_PINK] = "pink",
    [COLOUR_BROWN] = "brown",   [COLOUR_BLACK] = "black",   [COLOUR_WHITE] = "white",
    [COLOUR_GREY] = "grey",
};

const char *plan_place_name(enum place p)
{
    return places[p];
}

const char *plan_time_name(enum time_of_day t)
{
    return times[t];
}

const char *plan_weather_name(enum weather w)
{
    return weathers[w];
}

const char *plan_mood_name(enum mood m)
{
    return moods[m];
}

const char *plan_move_name(enum move m)
{
    return moves[m];
}

const char *plan_shot_name(enum shot s)
{
    return shots[s];
}

const char *plan_colour_name(enum colour c)
{
    return colours[c];
}

/* A stretch of the film, to a thousandth, so that the text is short and the same everywhere. */
static json_t *stretch(const char *name, float from, float to)
{
    return json_pack("{s:s, s:f, s:f}", "move", name, "from", round(from * 1000.0) / 1000.0, "to",
                     round(to * 1000.0) / 1000.0);
}

static json_t *cast(const struct plan *p)
{
    json_t *steps = json_array();
    for (int i = 0; i < p->n_moves; i++)
        json_array_append_new(
            steps, stretch(plan_move_name(p->moves[i].move), p->moves[i].from, p->moves[i].to));
    json_t *actor = json_pack("{s:s, s:s, s:i, s:o}", "noun", p->noun, "picture",
                              pack_name(p->picture), "count", 1, "moves", steps);
    if (p->colour != COLOUR_OWN)
        json_object_set_new(actor, "colour", json_string(plan_colour_name(p->colour)));
    return json_pack("[o]", actor);
}

char *plan_json(const struct plan *p, bool with_image)
{
    json_t *root = json_object();
    if (!with_image) {
        json_object_set_new(root, "place", json_string(plan_place_name(p->place)));
        json_object_set_new(root, "time", json_string(plan_time_name(p->time)));
        json_object_set_new(root, "weather", json_string(plan_weather_name(p->weather)));
        json_object_set_new(root, "mood", json_string(plan_mood_name(p->mood)));
        json_object_set_new(root, "cast", cast(p));
    }
    json_t *camera = json_array();
    for (int i = 0; i < p->n_shots; i++)
        json_array_append_new(
            camera, stretch(plan_shot_name(p->shots[i].shot), p->shots[i].from, p->shots[i].to));
    json_object_set_new(root, "camera", camera);
    json_t *unread = json_array();
    for (int i = 0; i < p->n_unread; i++)
        json_array_append_new(unread, json_string(p->unread[i]));
    json_object_set_new(root, "unread", unread);
    char *text = json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(4));
    char *own = mem_dup(text);
    json_decref(root);
    mem_free(text);
    return own;
}
