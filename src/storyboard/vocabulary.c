/* vocabulary.c - see vocabulary.h. SPDX-License-Identifier: MIT */
#include "storyboard/vocabulary.h"

#include <string.h>

#include "storyboard/plan.h"

/* One meaning and the words for it, separated by commas. Among equally long matches the first
 * row wins. */
static const struct entry {
    enum word_kind kind;
    int value;
    const char *words;
} entries[] = {
    {WORD_TOWARD, 0,
     "toward the camera,towards the camera,toward camera,towards camera,at the camera,"
     "to the camera,into the camera,into camera,toward us,towards us,at us,to us,toward the viewer,"
     "towards the viewer,at the viewer,toward the lens,into the lens,toward the screen,"
     "towards the screen,toward me,towards me,at me,our way,straight at us,head on"},

    {WORD_SHOT, SHOT_TRUCK_LEFT, "truck left,trucks left,dolly left,slide left,camera moves left"},
    {WORD_SHOT, SHOT_TRUCK_RIGHT,
     "truck right,trucks right,dolly right,slide right,camera moves right,lateral dolly"},
    {WORD_SHOT, SHOT_PAN_LEFT, "pan left,pan to the left,pan slowly left,slow pan left"},
    {WORD_SHOT, SHOT_PAN_RIGHT,
     "pan right,pan to the right,pan slowly right,slow pan right,slow pan,panning shot"},
    {WORD_SHOT, SHOT_PUSH_IN,
     "push in,push forward,dolly in,dolly forward,push-in,slow push,camera approaches,dolly shot"},
    {WORD_SHOT, SHOT_PULL_OUT,
     "pull out,pull back,pull away,dolly out,dolly back,pull-out,pull-back,camera retreats"},
    {WORD_SHOT, SHOT_PEDESTAL_UP,
     "pedestal up,crane up,boom up,crane shot,camera rises,camera ascends"},
    {WORD_SHOT, SHOT_PEDESTAL_DOWN,
     "pedestal down,crane down,boom down,camera descends,camera lowers"},
    {WORD_SHOT, SHOT_TILT_UP, "tilt up,tilt upward,tilt upwards,camera looks up"},
    {WORD_SHOT, SHOT_TILT_DOWN, "tilt down,tilt downward,tilt downwards,camera looks down"},
    {WORD_SHOT, SHOT_ZOOM_IN, "zoom in,zoom into,zoom-in,crash zoom,zoom closer"},
    {WORD_SHOT, SHOT_ZOOM_OUT, "zoom out,zoom-out,zoom back"},
    {WORD_SHOT, SHOT_SHAKE,
     "handheld,hand-held,hand held,shaky camera,camera shake,shaky cam,shaky footage"},
    {WORD_SHOT, SHOT_TRACKING,
     "tracking shot,follow shot,camera follows,camera tracks,following shot,steadicam"},
    {WORD_SHOT, SHOT_STATIC,
     "static shot,static camera,fixed camera,locked off,locked-off,still camera,tripod,"
     "camera stays still,camera holds still,camera does not move"},

    {WORD_LENS, SHOT_TRUCK_LEFT, "move left,left,glide left,drift left"},
    {WORD_LENS, SHOT_TRUCK_RIGHT, "move right,right,glide right,drift right,glide,drift,truck"},
    {WORD_LENS, SHOT_PAN_RIGHT, "pan,sweep,turn"},
    {WORD_LENS, SHOT_PUSH_IN, "forward,closer,move in,push,dolly,close in,near,come closer"},
    {WORD_LENS, SHOT_PULL_OUT, "backward,backwards,away,retreat,move back,pull,back"},
    {WORD_LENS, SHOT_PEDESTAL_UP, "rise,up,upward,upwards,ascend,lift,crane,climb"},
    {WORD_LENS, SHOT_PEDESTAL_DOWN, "down,downward,downwards,descend,sink,lower"},
    {WORD_LENS, SHOT_TILT_UP, "tilt"},
    {WORD_LENS, SHOT_ZOOM_IN, "zoom"},
    {WORD_LENS, SHOT_SHAKE, "shake,shaky,tremble,jitter"},
    {WORD_LENS, SHOT_TRACKING, "follow,track,chase,orbit"},
    {WORD_LENS, SHOT_STATIC, "still,static,fixed,hold,motionless,stationary,steady"},

    {WORD_CAMERA, 0, "camera,lens,viewpoint,our view,drone shot,aerial shot"},

    {WORD_PLACE, PLACE_MOUNTAINS,
     "mountain,mountain range,mountaintop,peak,summit,alps,himalaya,cliff,crag,highland,"
     "snow capped mountain,valley,ridge,fjord,rocky mountain"},
    {WORD_PLACE, PLACE_HILLS, "hill,rolling hills,hillside,downs,moor,vineyard,tuscany,knoll"},
    {WORD_PLACE, PLACE_MEADOW,
     "meadow,field,grassland,pasture,prairie,savanna,savannah,plain,plains,steppe,grass,lawn,farm,"
     "farmland,countryside,wheat field,open field,serengeti"},
    {WORD_PLACE, PLACE_FOREST,
     "forest,wood,woods,woodland,grove,pine forest,taiga,undergrowth,thicket,redwoods,clearing"},
    {WORD_PLACE, PLACE_JUNGLE, "jungle,rainforest,rain forest,tropics,amazon,swamp"},
    {WORD_PLACE, PLACE_DESERT,
     "desert,dune,sand dune,sahara,wasteland,badlands,arid land,oasis,sand,pyramids"},
    {WORD_PLACE, PLACE_CANYON, "canyon,gorge,ravine,grand canyon,mesa,rock formations"},
    {WORD_PLACE, PLACE_BEACH,
     "beach,seashore,shore,coast,coastline,seaside,sandy beach,tropical "
     "island,island,sandbank,bay"},
    {WORD_PLACE, PLACE_SEA,
     "sea,ocean,open sea,high seas,waves,wave,water,pacific,atlantic,harbor,harbour,seascape"},
    {WORD_PLACE, PLACE_LAKE,
     "lake,pond,lagoon,river,lakeside,riverside,stream,reservoir,waterfall"},
    {WORD_PLACE, PLACE_SNOW,
     "arctic,antarctica,antarctic,tundra,glacier,snowfield,snowy landscape,snowscape,ice field,"
     "north pole,south pole,ice,winter,wintry,snowy field,snowy plain,iceberg"},
    {WORD_PLACE, PLACE_CITY,
     "city,downtown,metropolis,skyline,street,alley,urban,skyscraper,town square,rooftop,cityscape,"
     "new york,tokyo,london,paris,cyberpunk city,neon city,avenue,boulevard,manhattan,cyberpunk"},
    {WORD_PLACE, PLACE_VILLAGE, "village,town,hamlet,cottages,suburb,neighborhood,neighbourhood"},
    {WORD_PLACE, PLACE_SPACE,
     "space,outer space,galaxy,cosmos,universe,nebula,orbit,stars above earth,deep space,"
     "interstellar,solar system,asteroid field,milky way"},
    {WORD_PLACE, PLACE_UNDERWATER,
     "underwater,under water,undersea,under the sea,beneath the sea,beneath the waves,ocean floor,"
     "seabed,deep sea,coral reef,reef,depths,beneath the surface,aquarium,under the ocean,"
     "beneath the ocean,ocean depths,in the deep"},
    {WORD_PLACE, PLACE_SKY,
     "sky,above the clouds,heaven,in the clouds,sea of clouds,cloudscape,among the clouds,skies,"
     "through the clouds,over the clouds"},
    {WORD_PLACE, PLACE_VOLCANO, "volcano,lava,eruption,volcanic,magma,hell,mordor,inferno"},
    {WORD_PLACE, PLACE_PLANET,
     "on the moon,moonscape,lunar surface,lunar,mars,martian surface,surface of the moon,"
     "surface of mars,alien planet,another planet,on mars,crater"},
    {WORD_PLACE, PLACE_GARDEN,
     "garden,flower field,field of flowers,park,orchard,flower meadow,flowers,backyard,wildflowers,"
     "sunflower field,field of sunflowers,tulip field,lavender field"},
    {WORD_PLACE, PLACE_ROAD, "road,highway,motorway,freeway,lane,route,racetrack,race track,track"},

    {WORD_TIME, TIME_DAWN, "dawn,sunrise,daybreak,early morning,morning,first light,morning light"},
    {WORD_TIME, TIME_DAY,
     "day,daytime,noon,midday,afternoon,daylight,sunlight,sunny,bright day,broad daylight,sunshine,"
     "blue sky,sunlit,summer day"},
    {WORD_TIME, TIME_GOLDEN,
     "golden hour,golden light,late afternoon,golden,warm light,warm sunlight,magic hour,sunbeam"},
    {WORD_TIME, TIME_DUSK, "dusk,sunset,twilight,evening,nightfall,sundown,blue hour,setting sun"},
    {WORD_TIME, TIME_NIGHT,
     "night,midnight,moonlight,moonlit,starry,starry night,nighttime,at night,stars,starlight,"
     "full moon,night sky,nocturnal,neon,in the dark,starry sky,under the stars"},

    {WORD_WEATHER, WEATHER_CLEAR, "clear,clear sky,cloudless"},
    {WORD_WEATHER, WEATHER_CLOUD, "cloud,cloudy,overcast,grey sky,gray sky"},
    {WORD_WEATHER, WEATHER_RAIN, "rain,rainy,drizzle,shower,downpour,wet,pouring rain"},
    {WORD_WEATHER, WEATHER_SNOW,
     "snow,snowy,snowing,snowfall,blizzard,snowstorm,snowflake,falling snow"},
    {WORD_WEATHER, WEATHER_FOG, "fog,foggy,mist,misty,haze,hazy,smog"},
    {WORD_WEATHER, WEATHER_STORM,
     "storm,stormy,thunder,thunderstorm,lightning,tempest,hurricane,typhoon,raging sea,"
     "dark clouds,storm clouds"},

    {WORD_MOOD, MOOD_MENACING,
     "menacing,evil,scary,ominous,terrifying,dark,creepy,horror,sinister,frightening,threatening,"
     "angry,monstrous,spooky,haunted,deadly,fierce,ferocious,eerie,dangerous,wicked,apocalyptic"},
    {WORD_MOOD, MOOD_CHEERFUL,
     "happy,joyful,cheerful,playful,fun,funny,cute,colorful,colourful,vibrant,festive,lively,"
     "bright,"
     "joyous,merry,adorable,whimsical,energetic,excited"},
    {WORD_MOOD, MOOD_CALM,
     "calm,peaceful,serene,quiet,tranquil,gentle,relaxing,soothing,still water,meditative,cozy"},
    {WORD_MOOD, MOOD_MELANCHOLIC,
     "sad,lonely,melancholy,melancholic,gloomy,mournful,abandoned,desolate,somber,sombre,bleak"},
    {WORD_MOOD, MOOD_DREAMY,
     "dreamy,magical,mystical,fantasy,enchanted,surreal,ethereal,fairytale,fairy tale,dreamlike,"
     "romantic,mysterious,magic,otherworldly,dream"},

    {WORD_MOVE, MOVE_APPEAR,
     "appear,emerge,come into view,in the distance,in a distance,far away,on the horizon,"
     "comes out,materialize,loom,in distance,far off"},
    {WORD_MOVE, MOVE_APPROACH,
     "approach,come closer,come near,charge,coming,come,attack,lunge,advance,arrive,come closer"},
    {WORD_MOVE, MOVE_RECEDE,
     "away from the camera,recede,disappear,vanish,depart,leave,walk away,run away,fly away,"
     "drive away,sail away,flee,into the distance,drive off,fly off,ride off,retreat"},
    {WORD_MOVE, MOVE_WALK,
     "walk,stroll,wander,march,crawl,hike,trek,cross,strolls,pass,roam,prowl,stalk,move,travel,"
     "creep,swim,sail,cruise,row,slither,glides along,waddle,trudge,paddle"},
    {WORD_MOVE, MOVE_RUN,
     "run,rush,sprint,gallop,race,chase,dash,drive,ride,speed,trot,zoom past,hurry,ski,surf,"
     "skate,roll,hunt,bolt,drift,cycle,escape"},
    {WORD_MOVE, MOVE_FLY,
     "fly,soar,glide,flutter,swoop,hover past,flap,dive,sweep over,circle over"},
    {WORD_MOVE, MOVE_RISE, "rise,ascend,take off,launch,lift off,climb,float up,blast off,takeoff"},
    {WORD_MOVE, MOVE_FALL, "fall,descend,land,sink,drop,tumble,plunge,crash"},
    {WORD_MOVE, MOVE_FLOAT, "float,hover,drift slowly,levitate,weightless,weightlessly,bob,hang"},
    {WORD_MOVE, MOVE_JUMP, "jump,leap,hop,bounce,bound,breach,skip"},
    {WORD_MOVE, MOVE_DANCE, "dance,play,spin,twirl,sway,wave,swing,celebrate,sing,wiggle,shake"},
    {WORD_MOVE, MOVE_CIRCLE, "circle,orbiting,revolve,fly around,swim around,go around,loop"},
    {WORD_MOVE, MOVE_STAND,
     "stand,sit,sleep,rest,wait,watch,look,stare,gaze,stop,lie,pose,eat,read,drink,smile,graze,"
     "perch,loiter,stay,remain,rising above,towering"},

    {WORD_COLOUR, COLOUR_RED, "red,crimson,scarlet"},
    {WORD_COLOUR, COLOUR_ORANGE, "orange,ginger"},
    {WORD_COLOUR, COLOUR_YELLOW, "yellow,gold"},
    {WORD_COLOUR, COLOUR_GREEN, "green,emerald"},
    {WORD_COLOUR, COLOUR_TEAL, "teal,turquoise,cyan"},
    {WORD_COLOUR, COLOUR_BLUE, "blue,azure"},
    {WORD_COLOUR, COLOUR_PURPLE, "purple,violet"},
    {WORD_COLOUR, COLOUR_PINK, "pink,magenta"},
    {WORD_COLOUR, COLOUR_BROWN, "brown"},
    {WORD_COLOUR, COLOUR_BLACK, "black"},
    {WORD_COLOUR, COLOUR_WHITE, "white"},
    {WORD_COLOUR, COLOUR_GREY, "grey,gray,silver"},

    {WORD_TALLEST, 0, "tallest,highest,tallest of,lone,single"},

    {WORD_PREP, 0,
     "in,on,at,above,over,below,under,beneath,near,by,with,through,across,into,onto,along,behind,"
     "before,beside,between,from,toward,towards,around,past,against,among,amid,inside,outside,"
     "next to,in front of,on top of,wearing,holding,carrying,riding,without,like,as,while"},
    {WORD_BREAK, 0, "then,and then,suddenly,next,afterwards,after that,finally,meanwhile"},

    {WORD_PART, 0,
     "jaw,fang,tooth,teeth,eye,mouth,wing,claw,tail,paw,leg,arm,hand,foot,feet,face,head,hair,ear,"
     "nose,horn,skin,scale,feather,fur,body,tongue,brain,bone,heart,lung,finger,shadow,back,wheel,"
     "smoke,spark,sparkle,droplet,bubble,door,window,dress,shirt,hat,coat,jacket,boot,shoe,suit,"
     "blood,footprint,paw print,leaf,leaves,gloves,glasses,scarf"},
    {WORD_STOP, 0,
     "a,an,the,and,or,of,to,it,its,is,are,was,be,been,has,have,his,her,their,our,we,you,i,he,she,"
     "they,this,that,these,those,there,one,some,very,slowly,quickly,gently,softly,see,seen,show,"
     "shown,reveal,view,shot,scene,video,film,movie,footage,clip,image,picture,photo,cinematic,"
     "style,look,realistic,4k,8k,hd,beautiful,open,massive,big,huge,small,tiny,little,large,giant,"
     "it's,it s,s,so,but,for,up,down,out,off,his,who,which,where,when,close,close-up,closeup,wide,"
     "wide shot,medium shot,close up,high,low,angle,fast,slow,motion,slow motion,light,lighting,"
     "color,colour,high quality,detailed,highly detailed,sun,middle,center,centre,side,top,"
     "group,lot,many,few,two,three,time,world,key,line,book cover,ring,beam,through it,match,"
     "play of light,rock,stage,focus,sound,pace,soft,warm,cool,golden glow,frame,fill,set,"
     "mood,atmosphere,unhurried,afterglow,fade,long,last,glow,glowing,young,old,new,fresh"},
};

static bool ends(struct text token, struct text stem, const char *ending)
{
    size_t n = strlen(ending);
    return token.len == stem.len + n && memcmp(token.at, stem.at, stem.len) == 0 &&
           memcmp(token.at + stem.len, ending, n) == 0;
}

bool vocabulary_same(struct text token, struct text word)
{
    if (text_equal(token, word))
        return true;
    if (word.len < 3 || token.len <= word.len - 1)
        return false;
    const struct text cut = {word.at, word.len - 1};
    const char last = word.at[word.len - 1];
    const char doubled_ing[] = {last, 'i', 'n', 'g', 0}, doubled_ed[] = {last, 'e', 'd', 0};
    if (last == 'e' && (ends(token, cut, "ing") || ends(token, word, "d")))
        return true;
    if (last == 'y' && (ends(token, cut, "ies") || ends(token, cut, "ied")))
        return true;
    return ends(token, word, "s") || ends(token, word, "es") || ends(token, word, "ed") ||
           ends(token, word, "ing") || ends(token, word, doubled_ing) ||
           ends(token, word, doubled_ed);
}

/* How many tokens the phrase takes at the front of tokens; 0 when it is not there. */
static int match(struct text phrase, const struct text *tokens, int n_tokens)
{
    int n = 0;
    while (phrase.len > 0) {
        struct text word = text_cut(&phrase, ' ');
        if (n == n_tokens || !vocabulary_same(tokens[n], word))
            return 0;
        n++;
    }
    return n;
}

struct word vocabulary_find(const struct text *tokens, int n_tokens, bool about_camera)
{
    struct word best = {.kind = WORD_NONE};
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        struct text rest = text_of(entries[i].words);
        if (entries[i].kind == WORD_LENS && !about_camera)
            continue;
        while (rest.len > 0) {
            struct text phrase = text_cut(&rest, ',');
            if (phrase.at[0] != tokens[0].at[0])
                continue;
            int n = match(phrase, tokens, n_tokens);
            if (n > best.n_tokens)
                best = (struct word){
                    .kind = entries[i].kind, .value = entries[i].value, .n_tokens = n};
        }
    }
    return best;
}

static const char *const commands[SHOTS][2] = {
    [SHOT_TRUCK_LEFT] = {"Truck left", "左移"},
    [SHOT_TRUCK_RIGHT] = {"Truck right", "右移"},
    [SHOT_PAN_LEFT] = {"Pan left", "左摇"},
    [SHOT_PAN_RIGHT] = {"Pan right", "右摇"},
    [SHOT_PUSH_IN] = {"Push in", "推进"},
    [SHOT_PULL_OUT] = {"Pull out", "拉远"},
    [SHOT_PEDESTAL_UP] = {"Pedestal up", "上升"},
    [SHOT_PEDESTAL_DOWN] = {"Pedestal down", "下降"},
    [SHOT_TILT_UP] = {"Tilt up", "上摇"},
    [SHOT_TILT_DOWN] = {"Tilt down", "下摇"},
    [SHOT_ZOOM_IN] = {"Zoom in", "变焦推近"},
    [SHOT_ZOOM_OUT] = {"Zoom out", "变焦拉远"},
    [SHOT_SHAKE] = {"Shake", "晃动"},
    [SHOT_TRACKING] = {"Tracking shot", "跟随"},
    [SHOT_STATIC] = {"Static shot", "固定"},
};

int vocabulary_command(struct text s)
{
    s = text_trim(s);
    for (int i = 0; i < SHOTS; i++)
        if (text_equal_nocase(s, text_of(commands[i][0])) || text_equal(s, text_of(commands[i][1])))
            return i;
    return -1;
}
