/* cast_impl.h - what the files that move and draw the cast share. SPDX-License-Identifier: MIT */
#pragma once

#include "storyboard/cast.h"

/* One body under way. */
struct path {
    const struct cast *c;
    const struct actor *a;
    const struct body *b;
    int i_body;
    float t; /* of the film, 0..1 */
    int n_followed;
    int target;      /* of the move at work */
    float way;       /* what share of its way through the picture the move at work goes, 0..1 */
    bool first, end; /* is the move the first one; does the film end with it */
};

/* The height over the ground of something that appears v under the horizon at depth z. */
static inline float cast_height_at(float v, float z)
{
    return 1 - v * z;
}

/* How far out of the middle the picture's edge lies, as a factor on what suits a wide one. */
float cast_path_reach(const struct path *p);

/* The target of the move at time t, or false. */
bool cast_path_target(const struct path *p, float t, struct cast_state *out);

/* Across the picture, from side a to side b, in heights of the frame. */
float cast_path_side(const struct path *p, float at, float z);

/* Is it a move through the picture? */
bool cast_path_crosses(enum move move);

/* Does it come to the side of one that does not go, and stay there? */
bool cast_path_arrives(const struct cast *c, const struct actor *a);

/* Where it is when the film begins with a move. */
struct cast_state cast_move_begin(const struct path *p, enum move move);

/* The share e of a move that began in *s: alone, and with regard to another one. */
void cast_move_apply(const struct path *p, struct cast_state *s, enum move move, float e);
void cast_aim_apply(const struct path *p, struct cast_state *s, enum move move, float e);

/* On through the picture in the direction that it looks; from..to is the whole way of a film. */
void cast_move_cross(const struct path *p, struct cast_state *s, float e, const float way[2]);

/* One body in one frame. */
struct stand {
    const struct cast *c;
    const struct actor *a;
    const struct body *b;
    struct cast_state state;
    struct stage_view view;
    struct sprite_pose now, before; /* before: when the shutter opened */
    float ground;                   /* px: where the floor lies under it */
    float seconds;                  /* of the film, and the body's own phase */
    int size[2];                    /* px of the frame */
};

/* The look of its move, and the picture of it in the body's own tone. */
const struct look *cast_stand_look(const struct stand *d);
const struct sprite *cast_stand_side(const struct stand *d);

/* What of the picture stands at the body's place. */
float cast_stand_anchor(const struct actor *a, const struct sprite *s);

/* Where a body of d->c in a frame of d->size stands at time t, 0..1, all but a rider: fills the
 * rest of d. out is zero where it is not seen. */
void cast_stand_at(struct stand *d, int i_actor, int i_body, const struct stage_pose *camera,
                   float t, struct sprite_pose *out);

/* On the back of another, or within it, and moved by its steps. */
void cast_stand_mount(struct stand *d, const struct stage_pose *camera, float t,
                      struct sprite_pose *out);

/* One more picture of the frame, cleared, or NULL when there are too many. */
struct cast_item *cast_list_next(struct cast_list *l, float depth);

/* The wheels of a body that is seen from the side. */
void cast_wheel_place(struct cast_list *l, const struct stand *d);

/* The wings of a body whose picture has none. */
void cast_wing_place(struct cast_list *l, const struct stand *d);
