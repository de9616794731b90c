/* weights_pickle.c - see weights_pickle.h. SPDX-License-Identifier: MIT */
#include "nn/weights_pickle.h"

#include <string.h>

#include "base/memory.h"

/* A state dict of a thousand tensors is about 200 KB. */
enum { MOST_PICKLE = 4 << 20 };

/* What GLOBAL may name; from FIRST_STORAGE on, storages with the type of their numbers. */
enum { REBUILD_TENSOR, REBUILD_PARAMETER, ORDERED_DICT, FIRST_STORAGE };
static const struct {
    const char *module, *name;
    enum dtype dtype;
} globals[] = {
    [REBUILD_TENSOR] = {"torch._utils", "_rebuild_tensor_v2", DTYPES},
    [REBUILD_PARAMETER] = {"torch._utils", "_rebuild_parameter", DTYPES},
    [ORDERED_DICT] = {"collections", "OrderedDict", DTYPES},
    [FIRST_STORAGE] = {"torch", "FloatStorage", DTYPE_F32},
    {"torch", "HalfStorage", DTYPE_F16},
    {"torch", "BFloat16Storage", DTYPE_BF16},
    {"torch", "DoubleStorage", DTYPE_F64},
    {"torch", "ByteStorage", DTYPE_U8},
    {"torch", "IntStorage", DTYPE_I32},
    {"torch", "LongStorage", DTYPE_I64},
    {"torch", "BoolStorage", DTYPE_BOOL},
};

struct vm {
    struct weights_pickle *p;
    struct text left;
    bool done;
    struct error *err;
};

static int corrupt(struct vm *vm, const char *why)
{
    return error_set(vm->err, ERR_CORRUPT, "the pickle %s", why);
}

/* ---- arrays and the stack ---------------------------------------------------------------- */

static int append(struct vm *vm, struct weights_pickle_list *list, const void *item, size_t size)
{
    if (list->n == list->most) {
        const size_t most = list->most ? list->most * 2 : 64;
        char *more = mem_try(most * size);
        if (!more)
            return error_set(vm->err, ERR_MEMORY, "no memory for a pickle");
        if (list->n)
            memcpy(more, list->at, list->n * size);
        mem_free(list->at);
        list->at = more;
        list->most = most;
    }
    memcpy((char *)list->at + list->n++ * size, item, size);
    return 0;
}

static struct weights_pickle_value *value_at(const struct weights_pickle_list *list, size_t i)
{
    return (struct weights_pickle_value *)list->at + i;
}

static int push(struct vm *vm, struct weights_pickle_value v)
{
    return append(vm, &vm->p->stack, &v, sizeof v);
}

/* Height of the stack down to the last mark. */
static size_t floor_of(const struct vm *vm)
{
    const struct weights_pickle_list *marks = &vm->p->marks;
    return marks->n ? ((const size_t *)marks->at)[marks->n - 1] : 0;
}

static bool pop(struct vm *vm, struct weights_pickle_value *out)
{
    struct weights_pickle_list *stack = &vm->p->stack;
    if (stack->n == floor_of(vm))
        return false;
    *out = *value_at(stack, --stack->n);
    return true;
}

static const struct weights_pickle_value *top(const struct vm *vm)
{
    const struct weights_pickle_list *stack = &vm->p->stack;
    return stack->n == floor_of(vm) ? NULL : value_at(stack, stack->n - 1);
}

/* ---- bytes of the pickle ----------------------------------------------------------------- */

static const char *take(struct vm *vm, size_t n)
{
    if (n > vm->left.len)
        return NULL;
    const char *at = vm->left.at;
    vm->left.at += n;
    vm->left.len -= n;
    return at;
}

/* A number of n bytes, little endian. */
static bool take_number(struct vm *vm, size_t n, uint64_t *out)
{
    const char *at = take(vm, n);
    *out = 0;
    if (at)
        memcpy(out, at, n);
    return at;
}

static bool take_text(struct vm *vm, size_t n_length, struct text *out)
{
    uint64_t len;
    if (!take_number(vm, n_length, &len))
        return false;
    out->len = (size_t)len;
    out->at = take(vm, out->len);
    return out->at && text_utf8_valid(*out);
}

/* ---- values of one opcode ---------------------------------------------------------------- */

static int op_proto(struct vm *vm)
{
    uint64_t version;
    if (!take_number(vm, 1, &version) || version < 2 || version > 4)
        return corrupt(vm, "is of another protocol than 2, 3 or 4");
    return 0;
}

static int op_frame(struct vm *vm)
{
    return take(vm, 8) ? 0 : corrupt(vm, "breaks off");
}

static int op_none(struct vm *vm)
{
    return push(vm, (struct weights_pickle_value){.kind = PICKLE_NONE});
}

static int op_true(struct vm *vm)
{
    return push(vm, (struct weights_pickle_value){.kind = PICKLE_BOOL, .number = 1});
}

static int op_false(struct vm *vm)
{
    return push(vm, (struct weights_pickle_value){.kind = PICKLE_BOOL});
}

static int op_float(struct vm *vm)
{
    return take(vm, 8) ? op_none(vm) : corrupt(vm, "breaks off");
}

static int push_int(struct vm *vm, size_t n, bool is_signed)
{
    uint64_t v;
    if (!take_number(vm, n, &v))
        return corrupt(vm, "breaks off");
    if (is_signed && n && n < 8 && v >> (8 * n - 1))
        v |= UINT64_MAX << (8 * n);
    return push(vm, (struct weights_pickle_value){.kind = PICKLE_INT, .number = (int64_t)v});
}

static int op_int(struct vm *vm)
{
    return push_int(vm, 4, true);
}

static int op_int1(struct vm *vm)
{
    return push_int(vm, 1, false);
}

static int op_int2(struct vm *vm)
{
    return push_int(vm, 2, false);
}

static int op_long(struct vm *vm)
{
    uint64_t n;
    if (!take_number(vm, 1, &n) || n > 8)
        return corrupt(vm, "has a number of more than 8 bytes");
    return push_int(vm, (size_t)n, true);
}

static int push_text(struct vm *vm, size_t n_length)
{
    struct weights_pickle_value v = {.kind = PICKLE_TEXT};
    return take_text(vm, n_length, &v.text) ? push(vm, v) : corrupt(vm, "has a broken text");
}

static int op_text(struct vm *vm)
{
    return push_text(vm, 4);
}

static int op_short_text(struct vm *vm)
{
    return push_text(vm, 1);
}

static int push_global(struct vm *vm, struct text module, struct text name)
{
    for (size_t i = 0; i < sizeof globals / sizeof *globals; i++)
        if (text_equal(module, text_of(globals[i].module)) &&
            text_equal(name, text_of(globals[i].name)))
            return push(vm,
                        (struct weights_pickle_value){.kind = PICKLE_GLOBAL, .number = (int64_t)i});
    return error_set(vm->err, ERR_CORRUPT,
                     "the pickle names %.*s.%.*s, which is no part of a state dict",
                     module.len < 60 ? (int)module.len : 60, module.at,
                     name.len < 60 ? (int)name.len : 60, name.at);
}

static int op_global(struct vm *vm)
{
    if (!memchr(vm->left.at, '\n', vm->left.len))
        return corrupt(vm, "breaks off");
    const struct text module = text_cut(&vm->left, '\n');
    if (!vm->left.len || !memchr(vm->left.at, '\n', vm->left.len))
        return corrupt(vm, "breaks off");
    const struct text name = text_cut(&vm->left, '\n');
    return push_global(vm, module, name);
}

static int op_stack_global(struct vm *vm)
{
    struct weights_pickle_value name, module;
    if (!pop(vm, &name) || !pop(vm, &module) || name.kind != PICKLE_TEXT ||
        module.kind != PICKLE_TEXT)
        return corrupt(vm, "names something without a name");
    return push_global(vm, module.text, name.text);
}

/* ---- memo -------------------------------------------------------------------------------- */

static int memo_put(struct vm *vm, uint64_t i)
{
    struct weights_pickle_list *memo = &vm->p->memo;
    const struct weights_pickle_value *v = top(vm);
    if (!v || i > memo->n)
        return corrupt(vm, "keeps a value under a number out of turn");
    if (i == memo->n)
        return append(vm, memo, v, sizeof *v);
    *value_at(memo, (size_t)i) = *v;
    return 0;
}

static int op_put(struct vm *vm)
{
    uint64_t i;
    return take_number(vm, 1, &i) ? memo_put(vm, i) : corrupt(vm, "breaks off");
}

static int op_long_put(struct vm *vm)
{
    uint64_t i;
    return take_number(vm, 4, &i) ? memo_put(vm, i) : corrupt(vm, "breaks off");
}

static int op_memoize(struct vm *vm)
{
    return memo_put(vm, vm->p->memo.n);
}

static int memo_get(struct vm *vm, size_t n_bytes)
{
    uint64_t i;
    if (!take_number(vm, n_bytes, &i) || i >= vm->p->memo.n)
        return corrupt(vm, "asks for a value that was not kept");
    return push(vm, *value_at(&vm->p->memo, (size_t)i));
}

static int op_get(struct vm *vm)
{
    return memo_get(vm, 1);
}

static int op_long_get(struct vm *vm)
{
    return memo_get(vm, 4);
}

/* ---- tuples and dictionaries ------------------------------------------------------------- */

static int op_mark(struct vm *vm)
{
    return append(vm, &vm->p->marks, &vm->p->stack.n, sizeof vm->p->stack.n);
}

/* The n values on top become a tuple. */
static int make_tuple(struct vm *vm, size_t n)
{
    struct weights_pickle *p = vm->p;
    if (p->stack.n - floor_of(vm) < n)
        return corrupt(vm, "takes more values than there are");
    const struct weights_pickle_tuple tuple = {.first = p->values.n, .n = n};
    p->stack.n -= n;
    for (size_t i = 0; i < n; i++)
        if (append(vm, &p->values, value_at(&p->stack, p->stack.n + i),
                   sizeof(struct weights_pickle_value)) < 0)
            return vm->err->code;
    const struct weights_pickle_value v = {.kind = PICKLE_TUPLE, .at = p->tuples.n};
    return append(vm, &p->tuples, &tuple, sizeof tuple) < 0 ? vm->err->code : push(vm, v);
}

static int op_tuple0(struct vm *vm)
{
    return make_tuple(vm, 0);
}

static int op_tuple1(struct vm *vm)
{
    return make_tuple(vm, 1);
}

static int op_tuple2(struct vm *vm)
{
    return make_tuple(vm, 2);
}

static int op_tuple3(struct vm *vm)
{
    return make_tuple(vm, 3);
}

static int op_tuple(struct vm *vm)
{
    if (!vm->p->marks.n)
        return corrupt(vm, "has no mark");
    const size_t n = vm->p->stack.n - floor_of(vm);
    vm->p->marks.n--;
    return make_tuple(vm, n);
}

static int op_dict(struct vm *vm)
{
    return push(vm, (struct weights_pickle_value){.kind = PICKLE_DICT, .at = vm->p->n_dicts++});
}

/* The n values on top, key and value by turns, go into the dictionary below them. */
static int set_items(struct vm *vm, size_t n)
{
    struct weights_pickle *p = vm->p;
    if (p->stack.n - floor_of(vm) < n + 1 || n % 2)
        return corrupt(vm, "fills no dictionary");
    const struct weights_pickle_value *items = value_at(&p->stack, p->stack.n - n),
                                      *dict = items - 1;
    if (dict->kind != PICKLE_DICT)
        return corrupt(vm, "fills something that is no dictionary");
    for (size_t i = 0; i < n; i += 2) {
        const struct weights_pickle_item item = {
            .key = items[i], .value = items[i + 1], .dict = dict->at};
        if (append(vm, &p->items, &item, sizeof item) < 0)
            return vm->err->code;
    }
    p->stack.n -= n;
    return 0;
}

static int op_set_item(struct vm *vm)
{
    return set_items(vm, 2);
}

static int op_set_items(struct vm *vm)
{
    if (!vm->p->marks.n)
        return corrupt(vm, "has no mark");
    const size_t n = vm->p->stack.n - floor_of(vm);
    vm->p->marks.n--;
    return set_items(vm, n);
}

/* ---- storages and tensors ---------------------------------------------------------------- */

/* Item i of a tuple, when it is of this kind. */
static const struct weights_pickle_value *item_of(const struct vm *vm,
                                                  struct weights_pickle_value tuple, size_t i,
                                                  enum weights_pickle_kind kind)
{
    if (tuple.kind != PICKLE_TUPLE)
        return NULL;
    const struct weights_pickle_tuple *t = (const struct weights_pickle_tuple *)vm->p->tuples.at +
                                           tuple.at;
    if (i >= t->n)
        return NULL;
    const struct weights_pickle_value *v = value_at(&vm->p->values, t->first + i);
    return v->kind == kind ? v : NULL;
}

/* ("storage", torch.XStorage, key, device, count) */
static int op_persistent(struct vm *vm)
{
    struct weights_pickle_value id;
    if (!pop(vm, &id))
        return corrupt(vm, "refers to nothing");
    const struct weights_pickle_value *what = item_of(vm, id, 0, PICKLE_TEXT),
                                      *type = item_of(vm, id, 1, PICKLE_GLOBAL);
    const struct weights_pickle_value *key = item_of(vm, id, 2, PICKLE_TEXT),
                                      *count = item_of(vm, id, 4, PICKLE_INT);
    if (!what || !type || !key || !count || !text_equal(what->text, TEXT("storage")) ||
        type->number < FIRST_STORAGE || count->number < 0)
        return corrupt(vm, "refers to something that is no storage");
    const struct weights_pickle_storage storage = {
        .dtype = globals[type->number].dtype, .key = key->text, .count = count->number};
    const struct weights_pickle_value v = {.kind = PICKLE_STORAGE, .at = vm->p->storages.n};
    return append(vm, &vm->p->storages, &storage, sizeof storage) < 0 ? vm->err->code : push(vm, v);
}

/* (storage, offset, shape, stride, ..) */
static int rebuild_tensor(struct vm *vm, struct weights_pickle_value args)
{
    const struct weights_pickle_value *storage = item_of(vm, args, 0, PICKLE_STORAGE);
    const struct weights_pickle_value *offset = item_of(vm, args, 1, PICKLE_INT);
    const struct weights_pickle_value *shape = item_of(vm, args, 2, PICKLE_TUPLE);
    const struct weights_pickle_value *stride = item_of(vm, args, 3, PICKLE_TUPLE);
    if (!storage || !offset || !shape || !stride)
        return corrupt(vm, "has a tensor without storage, offset, shape and stride");
    const struct weights_pickle_tensor tensor = {
        .storage = storage->at, .offset = offset->number, .shape = shape->at, .stride = stride->at};
    const struct weights_pickle_value v = {.kind = PICKLE_TENSOR, .at = vm->p->tensors.n};
    return append(vm, &vm->p->tensors, &tensor, sizeof tensor) < 0 ? vm->err->code : push(vm, v);
}

static int op_reduce(struct vm *vm)
{
    struct weights_pickle_value args, function;
    if (!pop(vm, &args) || !pop(vm, &function) || function.kind != PICKLE_GLOBAL ||
        args.kind != PICKLE_TUPLE)
        return corrupt(vm, "calls something that is no function");
    if (function.number == REBUILD_TENSOR)
        return rebuild_tensor(vm, args);
    const struct weights_pickle_value *parameter = item_of(vm, args, 0, PICKLE_TENSOR);
    if (function.number == REBUILD_PARAMETER && parameter)
        return push(vm, *parameter);
    const struct weights_pickle_tuple *t = (const struct weights_pickle_tuple *)vm->p->tuples.at +
                                           args.at;
    if (function.number == ORDERED_DICT && t->n == 0)
        return op_dict(vm);
    return corrupt(vm, "calls a function with the wrong arguments");
}

/* Attributes of a dictionary (a state dict's _metadata) are of no interest. */
static int op_build(struct vm *vm)
{
    struct weights_pickle_value state;
    if (!pop(vm, &state) || !top(vm) || top(vm)->kind != PICKLE_DICT)
        return corrupt(vm, "sets attributes of something that is no dictionary");
    return 0;
}

static int op_stop(struct vm *vm)
{
    if (vm->p->marks.n || !pop(vm, &vm->p->result) || vm->p->stack.n)
        return corrupt(vm, "ends with other than one value");
    vm->done = true;
    return 0;
}

/* ---- the table --------------------------------------------------------------------------- */

static int (*const ops[256])(struct vm *vm) = {
    [0x80] = op_proto,     [0x95] = op_frame,        ['N'] = op_none,     [0x88] = op_true,
    [0x89] = op_false,     ['G'] = op_float,         ['J'] = op_int,      ['K'] = op_int1,
    ['M'] = op_int2,       [0x8a] = op_long,         ['X'] = op_text,     [0x8c] = op_short_text,
    ['c'] = op_global,     [0x93] = op_stack_global, ['q'] = op_put,      ['r'] = op_long_put,
    [0x94] = op_memoize,   ['h'] = op_get,           ['j'] = op_long_get, ['('] = op_mark,
    [')'] = op_tuple0,     [0x85] = op_tuple1,       [0x86] = op_tuple2,  [0x87] = op_tuple3,
    ['t'] = op_tuple,      ['}'] = op_dict,          ['s'] = op_set_item, ['u'] = op_set_items,
    ['Q'] = op_persistent, ['R'] = op_reduce,        ['b'] = op_build,    ['.'] = op_stop,
};

int weights_pickle_read(struct weights_pickle *out, struct text pickle, struct error *err)
{
    SCOPED(weights_pickle) struct weights_pickle p = {0};
    struct vm vm = {.p = &p, .left = pickle, .err = err};
    if (pickle.len > MOST_PICKLE)
        return error_set(err, ERR_CORRUPT, "the pickle is %zu bytes, must be at most %d",
                         pickle.len, MOST_PICKLE);
    while (!vm.done) {
        const char *op = take(&vm, 1);
        if (!op)
            return corrupt(&vm, "breaks off");
        if (!ops[(uint8_t)*op])
            return error_set(err, ERR_CORRUPT,
                             "the pickle has the opcode 0x%02x, which no state dict needs",
                             (uint8_t)*op);
        if (ops[(uint8_t)*op](&vm) < 0)
            return err->code;
    }
    *out = p;
    p = (struct weights_pickle){0};
    return 0;
}

void weights_pickle_fini(struct weights_pickle *p)
{
    mem_free(p->stack.at);
    mem_free(p->marks.at);
    mem_free(p->memo.at);
    mem_free(p->values.at);
    mem_free(p->tuples.at);
    mem_free(p->items.at);
    mem_free(p->storages.at);
    mem_free(p->tensors.at);
    *p = (struct weights_pickle){0};
}
