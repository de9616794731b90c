/* nature.c - see nature.h. SPDX-License-Identifier: MIT */
#include "storyboard/nature.h"

#include <stdio.h>

#include "storyboard/pack.h"

/* Somebody upright whose picture is a head or a bust on a body of ours. */
#define GROWN                                                                                      \
    "robot alien clown-face ogre goblin man woman person ninja mage vampire zombie elf prince "    \
    "princess person-with-crown santa-claus mrs-claus artist cook detective farmer firefighter "   \
    "guard judge old-man old-woman pilot police-officer scientist singer student teacher "         \
    "factory-worker health-worker mechanic office-worker technologist construction-worker "        \
    "person-with-veil person-in-tuxedo older-person person-beard beard person-blond-hair "         \
    "blond-hair "                                                                                  \
    "red-hair white-hair curly-hair bald"
#define CHILDREN "boy girl child"

/* Names of pictures, separated by blanks; the first row that has the name counts. */
static const struct row {
    enum nature nature;
    float size;
    const char *names;
} rows[] = {
    {NATURE_FLYER, 0.62F, "dragon phoenix"},
    {NATURE_FLYER, 0.34F, "eagle owl parrot peacock flamingo superhero"},
    {NATURE_FLYER, 0.24F, "bird black-bird dove bat fairy genie"},
    {NATURE_FLYER, 0.18F, "butterfly monarch-butterfly honeybee fly mosquito lady-beetle"},
    {NATURE_SWIMMER, 0.62F, "whale spouting-whale orca squid octopus"},
    {NATURE_SWIMMER, 0.44F, "shark dolphin mermaid merman merperson seal crocodile"},
    {NATURE_SWIMMER, 0.26F, "fish tropical-fish blowfish jellyfish turtle shrimp lobster otter"},
    {NATURE_BOAT, 0.46F, "ship passenger-ship ferry sailboat"},
    {NATURE_BOAT, 0.28F,
     "motor-boat speedboat canoe person-rowing-boat man-rowing-boat woman-rowing-boat "
     "person-surfing man-surfing woman-surfing person-swimming man-swimming woman-swimming duck "
     "swan "
     "ring-buoy"},
    {NATURE_VEHICLE, 0.40F,
     "bus delivery-truck articulated-lorry fire-engine locomotive trolleybus train tram tram-car "
     "light-rail metro monorail bullet-train high-speed-train railway-car minibus tractor "
     "ambulance oncoming-bus"},
    {NATURE_VEHICLE, 0.30F,
     "automobile taxi police-car racing-car sport-utility-vehicle pickup-truck auto-rickshaw "
     "motorcycle motor-scooter bicycle kick-scooter person-biking man-biking woman-biking "
     "person-mountain-biking skateboard horse-racing skier snowboarder oncoming-automobile "
     "oncoming-taxi oncoming-police-car sled"},
    {NATURE_CRAFT, 0.40F,
     "airplane small-airplane helicopter rocket flying-saucer satellite meteor comet parachute"},
    {NATURE_FLOATER, 0.34F,
     "balloon kite ghost parachute red-heart sparkling-heart bubbles cloud full-moon sparkles "
     "red-paper-lantern crystal-ball"},
    {NATURE_FLOATER, 0.44F, "astronaut man-astronaut woman-astronaut"},
    {NATURE_WALKER, 0.56F, "mammoth sauropod t-rex giraffe elephant troll"},
    {NATURE_WALKER, 0.46F,
     "horse bison ox cow camel two-hump-camel rhinoceros hippopotamus zebra llama deer gorilla "
     "water-buffalo hairy-creature kangaroo supervillain tiger leopard orangutan ballet-dancer "
     "woman-dancing man-dancing man-walking woman-walking person-walking person-running "
     "man-running "
     "woman-running person-standing man-standing woman-standing donkey person-fencing"},
    {NATURE_HEAD, 0.32F,
     "dog penguin teddy-bear snowman snowman-without-snow sloth front-facing-baby-chick "
     "hatching-chick"},
    {NATURE_WALKER, 0.32F,
     "guide-dog service-dog poodle goat ram ewe pig cat black-cat monkey badger beaver "
     "goose turkey dodo rooster raccoon skunk"},
    {NATURE_CRAWLER, 0.22F, "snake snail worm bug"},
    {NATURE_WALKER, 0.22F,
     "rabbit mouse rat hedgehog chipmunk lizard ant spider scorpion crab cricket "
     "beetle "
     "baby-chick bug cockroach"},
    {NATURE_STILL, 0.62F,
     "castle japanese-castle church lighthouse house house-with-garden houses hut hotel hospital "
     "school factory mosque synagogue hindu-temple tokyo-tower statue-of-liberty ferris-wheel "
     "circus-tent stadium department-store office-building bank post-office derelict-house "
     "classical-building deciduous-tree evergreen-tree palm-tree christmas-tree shinto-shrine "
     "volcano mountain mount-fuji snow-capped-mountain desert-island roller-coaster moai tornado"},
    {NATURE_STILL, 0.36F,
     "cactus sunflower rose tulip blossom hibiscus cherry-blossom hyacinth lotus mushroom tent "
     "camping fountain potted-plant seedling fire candle campfire leafless-tree rosette bouquet "
     "four-leaf-clover shamrock herb"},
    {NATURE_WALKER, 0.50F, "unicorn moose"},
    {NATURE_WALKER, 0.46F, "bear polar-bear lion " GROWN},
    {NATURE_WALKER, 0.40F, "panda wolf boar " CHILDREN},
    {NATURE_WALKER, 0.35F, "fox koala"},
    {NATURE_WALKER, 0.28F, "chicken baby"},
    {NATURE_WALKER, 0.24F, "hamster"},
    {NATURE_HEAD, 0.26F, "frog"},
    {NATURE_HEAD, 0.40F,
     "horse-face cat-face dog-face tiger-face mouse-face rabbit-face cow-face pig-face monkey-face "
     "dragon-face alien-monster skull jack-o-lantern"},
};

static const struct {
    const char *side, *front;
} fronts[] = {
    {"dragon", "dragon-face"}, {"cat", "cat-face"},       {"dog", "dog-face"},
    {"guide-dog", "dog-face"}, {"horse", "horse-face"},   {"tiger", "tiger-face"},
    {"cow", "cow-face"},       {"pig", "pig-face"},       {"rabbit", "rabbit-face"},
    {"mouse", "mouse-face"},   {"monkey", "monkey-face"}, {"automobile", "oncoming-automobile"},
    {"bus", "oncoming-bus"},   {"taxi", "oncoming-taxi"}, {"police-car", "oncoming-police-car"},
};

static bool listed(const char *names, const char *name)
{
    return text_lists(text_of(names), text_of(name));
}

/* The name of the person for the man and the woman of a trade. */
static const char *person_of(const char *name)
{
    const struct text man = TEXT("man-"), woman = TEXT("woman-"), whole = text_of(name);
    return name + (text_starts(whole, man) ? man.len : text_starts(whole, woman) ? woman.len : 0);
}

static const struct row *row_of(const char *name)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (listed(rows[i].names, name))
            return &rows[i];
    return NULL;
}

struct nature_row nature_of(int picture)
{
    const char *name = pack_name(picture);
    const struct row *r = row_of(name);
    if (!r)
        r = row_of(person_of(name));
    return r ? (struct nature_row){.nature = r->nature, .size = r->size}
             : (struct nature_row){.nature = NATURE_THING, .size = 0.34F};
}

int nature_front(int picture)
{
    for (size_t i = 0; i < sizeof fronts / sizeof *fronts; i++)
        if (text_equal(text_of(fronts[i].side), text_of(pack_name(picture))))
            return pack_find(fronts[i].front);
    return -1;
}

static int with_ending(int picture, const char *ending)
{
    char name[64];
    (void)snprintf(name, sizeof name, "%s%s", pack_name(picture), ending);
    return pack_find(name);
}

/* Curled up, or with shut eyes; -1: it sleeps as it stands. */
static int asleep(int picture)
{
    const int lies = with_ending(picture, "-asleep");
    return lies >= 0 ? lies : with_ending(picture, "-dozing");
}

bool nature_lies(int picture)
{
    return picture >= 0 && text_ends(text_of(pack_name(picture)), TEXT("-asleep"));
}

int nature_in_motion(int picture, enum move move)
{
    static const struct {
        const char *names, *walks, *runs, *dances;
    } motions[] = {
        {"man-standing man-walking man-running", "man-walking", "man-running", "man-dancing"},
        {"woman-standing woman-walking woman-running", "woman-walking", "woman-running",
         "woman-dancing"},
        {"person-standing person-walking person-running", "person-walking", "person-running",
         "ballet-dancer"},
        {"dog", "guide-dog", "guide-dog", NULL},
    };
    if (move == MOVE_SLEEP)
        return asleep(picture);
    if (move == MOVE_FLY)
        return with_ending(picture, "-flying");
    for (size_t i = 0; i < sizeof motions / sizeof *motions; i++) {
        if (!listed(motions[i].names, pack_name(picture)))
            continue;
        const char *name = move == MOVE_WALK  ? motions[i].walks
                           : move == MOVE_RUN ? motions[i].runs
                                              : motions[i].dances;
        return name ? pack_find(name) : -1;
    }
    return -1;
}

bool nature_faces_us(int picture)
{
    static const char names[] = "astronaut baby " CHILDREN " " GROWN;
    const char *name = pack_name(picture);
    return listed(names, name) || listed(names, person_of(name));
}

bool nature_is_upright(int picture)
{
    return nature_faces_us(picture) ||
           listed("man-standing man-walking man-running woman-standing woman-walking "
                  "woman-running person-standing person-walking person-running woman-dancing "
                  "man-dancing ballet-dancer",
                  pack_name(picture));
}

bool nature_is_round(int picture)
{
    return listed("wheel optical-disk dvd computer-disk yarn pool-8-ball crystal-ball "
                  "soccer-ball basketball volleyball tennis softball baseball bowling "
                  "globe-showing-americas globe-showing-asia-australia globe-showing-europe-africa "
                  "full-moon ringed-planet",
                  pack_name(picture));
}

bool nature_climbs(int picture)
{
    return listed("rocket", pack_name(picture));
}

bool nature_faces_right(int picture)
{
    return listed("airplane small-airplane rocket superhero person-fencing", pack_name(picture));
}

bool nature_is_worn(int picture)
{
    return listed("coat dress t-shirt jeans scarf gloves billed-cap womans-hat womans-clothes "
                  "kimono sari lab-coat bikini one-piece-swimsuit shorts running-shirt safety-vest "
                  "glasses sunglasses goggles military-helmet rescue-workers-helmet necktie socks "
                  "martial-arts-uniform hiking-boot running-shoe mans-shoe high-heeled-shoe "
                  "womans-boot ballet-shoes headphone diving-mask graduation-cap",
                  pack_name(picture));
}

/* Pictures that have one home; the others live where their nature does. */
static const struct {
    enum place place;
    const char *names;
} own_homes[] = {
    {PLACE_SPACE,
     "rocket flying-saucer satellite comet meteor ringed-planet astronaut man-astronaut "
     "woman-astronaut glowing-star full-moon"},
    {PLACE_ICE, "penguin polar-bear seal"},
    {PLACE_DESERT, "camel two-hump-camel cactus scorpion"},
    {PLACE_PLAIN, "lion giraffe zebra elephant rhinoceros bison leopard kangaroo moai"},
    {PLACE_JUNGLE, "tiger monkey gorilla orangutan parrot t-rex sauropod sloth crocodile"},
    {PLACE_CAVE, "bat"},
    {PLACE_FOREST, "fox wolf bear deer moose owl hedgehog raccoon badger mushroom elf"},
    {PLACE_FARM, "cow pig rooster chicken tractor ewe ram baby-chick turkey farmer sheaf-of-rice"},
    {PLACE_LAKE, "duck swan frog goose otter canoe"},
    {PLACE_SEA, "ship sailboat passenger-ship"},
    {PLACE_BEACH, "crab lighthouse person-surfing spiral-shell oyster"},
    {PLACE_MOUNTAINS, "eagle goat dragon mountain mount-fuji snow-capped-mountain"},
    {PLACE_STREET, "taxi police-car ambulance fire-engine bus police-officer"},
    {PLACE_STAGE,
     "ballet-dancer singer woman-dancing man-dancing violin drum saxophone trumpet harp guitar "
     "musical-keyboard clown-face microphone"},
    {PLACE_ROOM,
     "bed couch-and-lamp chair television bathtub teddy-bear desktop-computer laptop "
     "computer-mouse teapot birthday-cake pizza cook books open-book steaming-bowl "
     "hot-beverage hamburger french-fries hot-dog sandwich spaghetti sushi taco burrito "
     "pancakes waffle curry-rice pot-of-food cooking bento-box cheese-wedge shortcake "
     "cupcake doughnut cookie pie ice-cream croissant bread"},
    {PLACE_CASTLE, "ghost vampire skull crown"},
    {PLACE_GARDEN,
     "butterfly monarch-butterfly honeybee rose tulip sunflower blossom hibiscus snail "
     "lady-beetle peacock fairy"},
    {PLACE_SNOW, "snowman snowman-without-snow skier snowboarder sled mammoth"},
};

enum place nature_home(int picture, uint32_t pick)
{
    static const uint8_t homes[NATURES][4] = {
        [NATURE_THING] = {PLACE_MEADOW, PLACE_HILLS, PLACE_BEACH, PLACE_GARDEN},
        [NATURE_STILL] = {PLACE_HILLS, PLACE_MEADOW, PLACE_MOUNTAINS, PLACE_VILLAGE},
        [NATURE_WALKER] = {PLACE_MEADOW, PLACE_HILLS, PLACE_FOREST, PLACE_PLAIN},
        [NATURE_CRAWLER] = {PLACE_GARDEN, PLACE_MEADOW, PLACE_FOREST, PLACE_JUNGLE},
        [NATURE_HEAD] = {PLACE_FOREST, PLACE_HILLS, PLACE_MEADOW, PLACE_VILLAGE},
        [NATURE_FLYER] = {PLACE_MOUNTAINS, PLACE_HILLS, PLACE_SKY, PLACE_LAKE},
        [NATURE_SWIMMER] = {PLACE_UNDERWATER, PLACE_UNDERWATER, PLACE_UNDERWATER, PLACE_UNDERWATER},
        [NATURE_BOAT] = {PLACE_SEA, PLACE_LAKE, PLACE_SEA, PLACE_RIVER},
        [NATURE_VEHICLE] = {PLACE_ROAD, PLACE_STREET, PLACE_ROAD, PLACE_DESERT},
        [NATURE_CRAFT] = {PLACE_SKY, PLACE_MOUNTAINS, PLACE_SKY, PLACE_SEA},
        [NATURE_FLOATER] = {PLACE_HILLS, PLACE_VILLAGE, PLACE_MEADOW, PLACE_LAKE},
    };
    for (size_t i = 0; i < sizeof own_homes / sizeof *own_homes; i++)
        if (listed(own_homes[i].names, pack_name(picture)))
            return own_homes[i].place;
    return (enum place)homes[nature_of(picture).nature][pick % 4];
}

enum move nature_habit(enum nature n, uint32_t pick)
{
    static const uint8_t habits[NATURES][2] = {
        [NATURE_THING] = {MOVE_STAND, MOVE_STAND},   [NATURE_STILL] = {MOVE_STAND, MOVE_STAND},
        [NATURE_WALKER] = {MOVE_WALK, MOVE_WALK},    [NATURE_HEAD] = {MOVE_WALK, MOVE_WALK},
        [NATURE_CRAWLER] = {MOVE_WALK, MOVE_WALK},   [NATURE_FLYER] = {MOVE_FLY, MOVE_FLY},
        [NATURE_SWIMMER] = {MOVE_SWIM, MOVE_SWIM},   [NATURE_BOAT] = {MOVE_SWIM, MOVE_FLOAT},
        [NATURE_VEHICLE] = {MOVE_RUN, MOVE_RUN},     [NATURE_CRAFT] = {MOVE_FLY, MOVE_FLY},
        [NATURE_FLOATER] = {MOVE_FLOAT, MOVE_FLOAT},
    };
    return (enum move)habits[n][pick % 2];
}

int nature_dweller(enum place p, uint32_t pick)
{
    static const char *const dwellers[PLACES][3] = {
        [PLACE_MOUNTAINS] = {"eagle", "goat", "eagle"},
        [PLACE_HILLS] = {"horse", "ewe", "balloon"},
        [PLACE_PLAIN] = {"zebra", "elephant", "giraffe"},
        [PLACE_MEADOW] = {"horse", "rabbit", "butterfly"},
        [PLACE_FOREST] = {"deer", "owl", "hedgehog"},
        [PLACE_JUNGLE] = {"parrot", "tiger", "butterfly"},
        [PLACE_DESERT] = {"camel", "two-hump-camel", "lizard"},
        [PLACE_CANYON] = {"eagle", "bison", "helicopter"},
        [PLACE_BEACH] = {"crab", "turtle", "sailboat"},
        [PLACE_SEA] = {"sailboat", "ship", "dolphin"},
        [PLACE_UNDERWATER] = {"tropical-fish", "turtle", "whale"},
        [PLACE_RIVER] = {"canoe", "beaver", "duck"},
        [PLACE_LAKE] = {"swan", "canoe", "duck"},
        [PLACE_WATERFALL] = {"parrot", "butterfly", "eagle"},
        [PLACE_SNOW] = {"deer", "snowman", "rabbit"},
        [PLACE_ICE] = {"penguin", "seal", "penguin"},
        [PLACE_VOLCANO] = {"sauropod", "phoenix", "helicopter"},
        [PLACE_CAVE] = {"bat", "spider", "bat"},
        [PLACE_VILLAGE] = {"bicycle", "dog", "balloon"},
        [PLACE_CITY] = {"taxi", "automobile", "bus"},
        [PLACE_STREET] = {"cat", "person-walking", "bicycle"},
        [PLACE_CASTLE] = {"ghost", "cat", "owl"},
        [PLACE_ROOM] = {"cat", "dog", "teddy-bear"},
        [PLACE_STAGE] = {"ballet-dancer", "singer", "clown-face"},
        [PLACE_FARM] = {"cow", "rooster", "tractor"},
        [PLACE_GARDEN] = {"butterfly", "honeybee", "rabbit"},
        [PLACE_ROAD] = {"automobile", "motorcycle", "bus"},
        [PLACE_SKY] = {"airplane", "eagle", "balloon"},
        [PLACE_SPACE] = {"rocket", "astronaut", "satellite"},
        [PLACE_PLANET] = {"astronaut", "flying-saucer", "rocket"},
    };
    return pack_find(dwellers[p][pick % 3]);
}
