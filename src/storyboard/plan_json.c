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
    [PLACE_PLAIN] = "plain",
    [PLACE_MEADOW] = "meadow",
    [PLACE_FOREST] = "forest",
    [PLACE_JUNGLE] = "jungle",
    [PLACE_DESERT] = "desert",
    [PLACE_CANYON] = "canyon",
    [PLACE_BEACH] = "beach",
    [PLACE_SEA] = "sea",
    [PLACE_UNDERWATER] = "underwater",
    [PLACE_RIVER] = "river",
    [PLACE_LAKE] = "lake",
    [PLACE_WATERFALL] = "waterfall",
    [PLACE_SNOW] = "snow",
    [PLACE_ICE] = "ice",
    [PLACE_VOLCANO] = "volcano",
    [PLACE_CAVE] = "cave",
    [PLACE_VILLAGE] = "village",
    [PLACE_CITY] = "city",
    [PLACE_STREET] = "street",
    [PLACE_CASTLE] = "castle",
    [PLACE_ROOM] = "room",
    [PLACE_STAGE] = "stage",
    [PLACE_FARM] = "farm",
    [PLACE_GARDEN] = "garden",
    [PLACE_ROAD] = "road",
    [PLACE_SKY] = "sky",
    [PLACE_SPACE] = "space",
    [PLACE_PLANET] = "planet",
};
static const char *const times[TIMES] = {
    [TIME_DAWN] = "dawn", [TIME_DAY] = "day",     [TIME_GOLDEN] = "golden hour",
    [TIME_DUSK] = "dusk", [TIME_NIGHT] = "night",
};
static const char *const weathers[WEATHERS] = {
    [WEATHER_CLEAR] = "clear",   [WEATHER_CLOUD] = "cloud",         [WEATHER_RAIN] = "rain",
    [WEATHER_STORM] = "storm",   [WEATHER_SNOW] = "snow",           [WEATHER_FOG] = "fog",
    [WEATHER_WIND] = "wind",     [WEATHER_DUST] = "dust",           [WEATHER_LEAVES] = "leaves",
    [WEATHER_PETALS] = "petals", [WEATHER_FIREFLIES] = "fireflies",
};
static const char *const moods[MOODS] = {
    [MOOD_PLAIN] = "plain",
    [MOOD_MENACING] = "menacing",
    [MOOD_CHEERFUL] = "cheerful",
    [MOOD_CALM] = "calm",
    [MOOD_MELANCHOLIC] = "melancholic",
    [MOOD_DREAMY] = "dreamy",
    [MOOD_EPIC] = "epic",
    [MOOD_NOIR] = "noir",
    [MOOD_VINTAGE] = "vintage",
    [MOOD_NEON] = "neon",
};
static const char *const moves[MOVES] = {
    [MOVE_STAND] = "stand",   [MOVE_WALK] = "walk",     [MOVE_RUN] = "run",
    [MOVE_GALLOP] = "gallop", [MOVE_FLY] = "fly",       [MOVE_SWIM] = "swim",
    [MOVE_FLOAT] = "float",   [MOVE_RISE] = "rise",     [MOVE_FALL] = "fall",
    [MOVE_JUMP] = "jump",     [MOVE_SPIN] = "spin",     [MOVE_DANCE] = "dance",
    [MOVE_TURN] = "turn",     [MOVE_LOOK] = "look",     [MOVE_APPROACH] = "approach",
    [MOVE_RECEDE] = "recede", [MOVE_FLEE] = "flee",     [MOVE_CHASE] = "chase",
    [MOVE_CIRCLE] = "circle", [MOVE_APPEAR] = "appear", [MOVE_VANISH] = "vanish",
    [MOVE_GROW] = "grow",     [MOVE_SHRINK] = "shrink", [MOVE_EXPLODE] = "explode",
    [MOVE_SHAKE] = "shake",   [MOVE_SLEEP] = "sleep",
};
static const char *const sizes[SIZES] = {
    [SIZE_OWN] = "own", [SIZE_TINY] = "tiny", [SIZE_SMALL] = "small",
    [SIZE_BIG] = "big", [SIZE_HUGE] = "huge",
};
static const char *const wheres[WHERES] = {
    [WHERE_FREE] = "free",     [WHERE_FOREGROUND] = "foreground", [WHERE_DISTANCE] = "distance",
    [WHERE_LEFT] = "left",     [WHERE_RIGHT] = "right",           [WHERE_MIDDLE] = "middle",
    [WHERE_ABOVE] = "above",   [WHERE_BELOW] = "below",           [WHERE_BEHIND] = "behind",
    [WHERE_BEFORE] = "before", [WHERE_BESIDE] = "beside",         [WHERE_ON] = "on",
    [WHERE_IN] = "in",
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
    [COLOUR_GREY] = "grey",     [COLOUR_GOLD] = "gold",     [COLOUR_SILVER] = "silver",
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

const char *plan_size_name(enum size z)
{
    return sizes[z];
}

const char *plan_where_name(enum where w)
{
    return wheres[w];
}

/* A stretch of the film in seconds, to a thousandth, so that the text is short and the same
 * everywhere. */
static json_t *stretch(const char *name, float from, float to, double seconds)
{
    return json_pack("{s:s, s:f, s:f}", "move", name, "from", round(from * seconds * 1000) / 1000,
                     "to", round(to * seconds * 1000) / 1000);
}

static json_t *place_of_actor(const struct plan_actor *a)
{
    json_t *at = json_pack("{s:s}", "where", plan_where_name(a->where));
    if (a->where_target != PLAN_NOBODY)
        json_object_set_new(at, "target", json_integer(a->where_target));
    return at;
}

static json_t *actor(const struct plan_actor *a, double seconds, bool with_image)
{
    json_t *steps = json_array();
    for (int i = 0; i < a->n_moves; i++) {
        const struct plan_move *m = &a->moves[i];
        json_t *step = stretch(plan_move_name(m->move), m->from, m->to, seconds);
        if (m->target != PLAN_NOBODY)
            json_object_set_new(step, "target", json_integer(m->target));
        json_array_append_new(steps, step);
    }
    json_t *out = json_pack("{s:s, s:s, s:i}", "noun", a->noun, "picture", pack_name(a->picture),
                            "count", a->count);
    if (a->colour != COLOUR_OWN)
        json_object_set_new(out, "color", json_string(plan_colour_name(a->colour)));
    if (a->size != SIZE_OWN)
        json_object_set_new(out, "size", json_string(plan_size_name(a->size)));
    if (a->where != WHERE_FREE)
        json_object_set_new(out, "at", place_of_actor(a));
    if (a->holds >= 0)
        json_object_set_new(out, "holds", json_string(pack_name(a->holds)));
    if (with_image && a->definite)
        json_object_set_new(out, "in_image", json_true());
    json_object_set_new(out, "moves", steps);
    return out;
}

static json_t *weather_names(const struct plan *p)
{
    json_t *names = json_array();
    for (int w = 0; w < WEATHERS; w++)
        if (plan_has(p, (enum weather)w))
            json_array_append_new(names, json_string(weathers[w]));
    return names;
}

static json_t *without_names(const struct plan *p)
{
    static const char *const names[] = {"clouds", "people", "animals", "plants",
                                        "houses", "sun",    "stars"};
    json_t *out = json_array();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (p->without & 1U << i)
            json_array_append_new(out, json_string(names[i]));
    return out;
}

char *plan_json(const struct plan *p, double seconds, bool with_image)
{
    json_t *root = json_object(), *cast = json_array(), *camera = json_array();
    if (!with_image)
        json_object_set_new(root, "place", json_string(plan_place_name(p->place)));
    if (!with_image || p->said & PLAN_SAID_TIME)
        json_object_set_new(root, "time", json_string(plan_time_name(p->time)));
    json_object_set_new(root, "weather", weather_names(p));
    if (!with_image || p->mood != MOOD_PLAIN)
        json_object_set_new(root, "mood", json_string(plan_mood_name(p->mood)));
    if (p->without)
        json_object_set_new(root, "without", without_names(p));
    for (int i = 0; i < p->n_cast; i++)
        if (!with_image || p->cast[i].noun[0])
            json_array_append_new(cast, actor(&p->cast[i], seconds, with_image));
    json_object_set_new(root, "cast", cast);
    for (int i = 0; i < p->n_shots; i++)
        json_array_append_new(camera, stretch(plan_shot_name(p->shots[i].shot), p->shots[i].from,
                                              p->shots[i].to, seconds));
    json_object_set_new(root, "camera", camera);
    json_t *unread = json_array();
    for (int i = 0; i < p->n_unread; i++)
        json_array_append_new(unread, json_string(p->unread[i]));
    json_object_set_new(root, "unread", unread);
    char *text = json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(6));
    char *own = mem_dup(text);
    json_decref(root);
    mem_free(text);
    return own;
}
