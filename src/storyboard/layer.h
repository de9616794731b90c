/* layer.h - a painted sheet that stands upright at one depth of the stage, and how it is drawn
 * into the rows of a frame.
 *
 * A layer is painted once per film, larger than the frame by as much as the camera will see of
 * it, and drawn into every frame: moved, scaled, with two taps each way.
 *
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/scope.h"
#include "storyboard/crew.h"
#include "storyboard/mote.h"
#include "storyboard/palette.h"
#include "storyboard/rows.h"
#include "storyboard/stage.h"

/* What a stretch of LAYER_BLOCK columns of one row, and the column behind it, holds. */
enum { LAYER_SLACK = 32 }; /* bytes behind each plane that may be read */
enum { LAYER_BLOCK = 32, LAYER_SOME = 1, LAYER_HOLES = 2 }; /* not all clear; not all opaque */

/* How a sheet swings: rows at root stand still, those reach away from it (negative: above) go by
 * most, in screen units. */
struct layer_sway {
    float most, lean; /* to both sides, and always to the right                       */
    float root, reach;
    float pace;  /* swings in a second                                           */
    float waves; /* from root to reach: 0 swings stiffly, more runs along as waves */
    float bob;   /* the whole sheet up and down, in screen units                 */
};

struct box;

struct layer {
    int width; /* px, even */
    int height;
    float left, top; /* of the sheet, in screen units with the camera at rest */
    float density;   /* px per screen unit                                    */
    float depth;     /* STAGE_FAR: at infinity                                */
    float seconds;   /* how long the film is                                  */
    float drift;     /* screen units to the right over the film; for clouds   */
    struct layer_sway sway;
    struct mote_set *motes;      /* NULL: none; they are drawn over the sheet             */
    struct box *box;             /* NULL: a flat sheet                                    */
    uint8_t *y, *a;              /* [height, width]         luma, cover            */
    uint8_t *u, *v, *c;          /* [height / 2, width / 2] chroma, its cover      */
    int n_blocks, n_half_blocks; /* of a row      */
    uint8_t *blocks;             /* [height, n_blocks]          */
    uint8_t *half_blocks;        /* [height / 2, n_half_blocks] */
    uint8_t *full;               /* [height] the row is opaque  */
    bool opaque;                 /* and so are all              */
};

/* An area of the stage, in screen units with the camera at rest. */
struct layer_area {
    float left, right, top, bottom;
};

/* A clear layer; NULL when there is no memory. */
struct layer *layer_new(struct layer_area area, float density, float depth);
void layer_free(struct layer *l);
SCOPED_FREE(layer)

/* One line under the brush. u and v arrays of n columns; column i is at screen unit
 * left + i * step. */
struct layer_line {
    int n;
    float left, step;
    float at; /* v of the line */
    float *y, *u, *v, *a;
};

static inline void layer_put(struct layer_line *line, int i, struct colour3 c, float cover)
{
    line->y[i] = c.y;
    line->u[i] = c.u;
    line->v[i] = c.v;
    line->a[i] = cover;
}

/* Paint all lines; brush fills each (colours also where the cover is 0). Any thread, any order.
 * ERR_MEMORY. */
typedef void layer_brush(void *arg, struct layer_line *line);
int layer_paint(struct layer *l, struct crew *crew, layer_brush *brush, void *arg,
                struct error *err) MUST_CHECK;

/* Find anew which blocks hold what, after the covers were changed. */
void layer_index(struct layer *l);

/* Blur what is painted, px being how far a point spreads: out of focus. ERR_MEMORY. */
int layer_soften(struct layer *l, float px, struct error *err) MUST_CHECK;

/* Where a layer stands in one frame. */
struct layer_frame {
    const struct layer *layer;
    int64_t y0, step;       /* 16.16: layer row of the frame's row 0, rows per row */
    int64_t half_y0;        /* the same for chroma                                 */
    int64_t x0, half_x0;    /* 16.16: layer column of the frame's column 0         */
    float sway_at;          /* the phase of its swing */
    struct stage_pose pose; /* for a box */
    struct stage_view far;
    struct mote_frame motes;
};

void layer_place(struct layer_frame *f, const struct layer *l, const struct stage *stage,
                 const struct stage_pose *pose, float t);

/* Is the whole pair hidden behind this layer? Then nothing behind it needs to be drawn. */
int layer_hides(const struct layer_frame *f, int pair);
void layer_draw(const struct layer_frame *f, struct rows *r);
