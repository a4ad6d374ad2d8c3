/* The loops over every letter and every word of a text, which Python has in streams/arabic and streams/dedup.

   Each function gives the very bytes that the numpy beside its one caller gives: `fold` that of folding.aligned, `words` that of
   words.words, `translated` that of spelling.placed, `compared` that of sketch._compared, `title_slots` that of
   metadata._slots; tests/unit/streams/compiled compares them. The register's loops are in register.c. Arguments are buffers,
   little-endian; results are bytes, of which Python makes arrays. Nothing is kept between calls. */

#include "register.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SEPARATE 1 /* streams/arabic/folding.py */
#define PRIME 0x100000001B3ULL /* streams/arabic/words.py, as the next */
#define GAMMA 0x9E3779B97F4A7C15ULL
#define SHINGLE 3 /* streams/dedup/sketch.py */
#define MAX_ANCHORS 64
#define MAX_NAMES 64

static PyObject *empty(Py_ssize_t size) { return PyBytes_FromStringAndSize(NULL, size); }

static uint64_t mixed(uint64_t number) {
    number ^= number >> 30;
    number *= 0xBF58476D1CE4E5B9ULL;
    number ^= number >> 27;
    number *= 0x94D049BB133111EBULL;
    return number ^ (number >> 31);
}

/* fold(raw, table): the units that the table does not delete, as they are and folded; `raw` itself where none is deleted. */
static PyObject *fold(PyObject *module, PyObject *arguments) {
    PyObject *given, *kept = NULL, *folded = NULL;
    Py_buffer table;
    char *bytes;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(arguments, "Sy*", &given, &table)) return NULL;
    PyBytes_AsStringAndSize(given, &bytes, &size);
    const uint16_t *raw = (const uint16_t *)bytes, *letters = table.buf;
    Py_ssize_t count = size / 2, through = 0;
    if (table.len != 2 * 65536) {
        PyErr_SetString(PyExc_ValueError, "the table has 65,536 units");
        goto end;
    }
    if (!(folded = empty(size))) goto end;
    uint16_t *out = (uint16_t *)PyBytes_AsString(folded);
    while (through < count && (out[through] = letters[raw[through]])) through++;
    if (through == count) {
        kept = Py_NewRef(given);
        goto end;
    }
    if (!(kept = empty(size))) goto end;
    uint16_t *copy = (uint16_t *)PyBytes_AsString(kept);
    memcpy(copy, raw, 2 * (size_t)through);
    Py_ssize_t left = through;
    for (; through < count; through++) {
        uint16_t unit = letters[raw[through]];
        copy[left] = raw[through];
        out[left] = unit;
        left += unit != 0;
    }
    PyObject *short_kept = PyBytes_FromStringAndSize((char *)copy, 2 * left);
    PyObject *short_folded = PyBytes_FromStringAndSize((char *)out, 2 * left);
    Py_DECREF(kept);
    Py_DECREF(folded);
    kept = short_kept;
    folded = short_folded;
end:
    PyBuffer_Release(&table);
    if (kept && folded) return Py_BuildValue("NN", kept, folded);
    Py_XDECREF(kept);
    Py_XDECREF(folded);
    return NULL;
}

/* translated(raw, table): each unit as the table has it. */
static PyObject *translated(PyObject *module, PyObject *arguments) {
    PyObject *given, *out = NULL;
    Py_buffer table;
    char *bytes;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(arguments, "Sy*", &given, &table)) return NULL;
    PyBytes_AsStringAndSize(given, &bytes, &size);
    if (table.len != 2 * 65536) {
        PyErr_SetString(PyExc_ValueError, "the table has 65,536 units");
    } else if ((out = empty(size))) {
        const uint16_t *raw = (const uint16_t *)bytes, *letters = table.buf;
        uint16_t *unit = (uint16_t *)PyBytes_AsString(out);
        for (Py_ssize_t place = 0; place < size / 2; place++) unit[place] = letters[raw[place]];
    }
    PyBuffer_Release(&table);
    return out;
}

/* largest(raw): the largest unit, 0 of none. */
static PyObject *largest(PyObject *module, PyObject *given) {
    char *bytes;
    Py_ssize_t size;
    if (PyBytes_AsStringAndSize(given, &bytes, &size)) return NULL;
    const uint16_t *raw = (const uint16_t *)bytes;
    uint16_t most = 0;
    for (Py_ssize_t place = 0; place < size / 2; place++) most = raw[place] > most ? raw[place] : most;
    return PyLong_FromLong(most);
}

/* words(folded, kinds): hashes, starts, lengths and `is_number` of the words; `kinds` says of each unit whether it is 0
   between words, 1 a letter or 2 a digit. */
static PyObject *words(PyObject *module, PyObject *arguments) {
    Py_buffer folded, kinds;
    PyObject *hashes = NULL, *starts = NULL, *lengths = NULL, *numbers = NULL;
    if (!PyArg_ParseTuple(arguments, "y*y*", &folded, &kinds)) return NULL;
    const uint16_t *units = folded.buf;
    const uint8_t *kind_of = kinds.buf;
    Py_ssize_t count = folded.len / 2, found = 0;
    if (kinds.len != 65536) {
        PyErr_SetString(PyExc_ValueError, "the table has 65,536 kinds");
        goto end;
    }
    uint8_t before = 0;
    for (Py_ssize_t place = 0; place < count; place++) {
        uint8_t kind = kind_of[units[place]];
        found += kind && kind != before;
        before = kind;
    }
    hashes = empty(8 * found);
    starts = empty(8 * found);
    lengths = empty(8 * found);
    numbers = empty(found);
    if (!hashes || !starts || !lengths || !numbers) goto end;
    uint64_t *hash = (uint64_t *)PyBytes_AsString(hashes);
    int64_t *start = (int64_t *)PyBytes_AsString(starts), *length = (int64_t *)PyBytes_AsString(lengths);
    uint8_t *number = (uint8_t *)PyBytes_AsString(numbers);
    for (Py_ssize_t place = 0; place < count;) {
        uint8_t kind = kind_of[units[place]];
        if (!kind) {
            place++;
            continue;
        }
        uint64_t sum = 0, power = 1;
        *start = place;
        for (; place < count && kind_of[units[place]] == kind; place++, power *= PRIME)
            sum += (uint64_t)(uint16_t)(units[place] - SEPARATE) * power;
        *hash++ = mixed(sum);
        *length++ = place - *start++;
        *number++ = kind == 2;
    }
end:
    PyBuffer_Release(&folded);
    PyBuffer_Release(&kinds);
    if (hashes && starts && lengths && numbers) return Py_BuildValue("NNNN", hashes, starts, lengths, numbers);
    Py_XDECREF(hashes);
    Py_XDECREF(starts);
    Py_XDECREF(lengths);
    Py_XDECREF(numbers);
    return NULL;
}

static uint64_t shingle(const uint64_t *hashes, Py_ssize_t size) {
    uint64_t out = hashes[0];
    for (Py_ssize_t place = 1; place < size; place++) out = out * GAMMA + hashes[place];
    return out;
}

/* Puts a number among the `held` smallest distinct ones, which are in order; returns how many there are then. */
static int hold(uint64_t *smallest, int held, int most, uint64_t number) {
    if (held == most && number >= smallest[held - 1]) return held;
    int place = held;
    while (place && smallest[place - 1] > number) place--;
    if (place && smallest[place - 1] == number) return held;
    int moved = held - place - (held == most);
    memmove(smallest + place + 1, smallest + place, 8 * (size_t)moved);
    smallest[place] = number;
    return held + (held < most);
}

/* compared(hashes, anchors): the low 32 bits of so many smallest shingles, and the high 16 bits of all, each once. */
static PyObject *compared(PyObject *module, PyObject *arguments) {
    Py_buffer words;
    int most, held = 0;
    PyObject *anchors = NULL, *distinct = NULL, *all = NULL;
    if (!PyArg_ParseTuple(arguments, "y*i", &words, &most)) return NULL;
    const uint64_t *hashes = words.buf;
    Py_ssize_t count = words.len / 8, size = count < SHINGLE ? 1 : SHINGLE, kept = 0;
    uint64_t smallest[MAX_ANCHORS];
    uint8_t seen[8192];
    if (most < 1 || most > MAX_ANCHORS) {
        PyErr_SetString(PyExc_ValueError, "1 to 64 anchors");
        goto end;
    }
    if (count >= size) count -= size - 1;
    if (!(all = empty(2 * count))) goto end;
    uint16_t *high = (uint16_t *)PyBytes_AsString(all);
    memset(seen, 0, sizeof seen);
    for (Py_ssize_t place = 0; place < count; place++) {
        uint64_t number = shingle(hashes + place, size);
        uint16_t top = (uint16_t)(number >> 48);
        held = hold(smallest, held, most, number);
        high[kept] = top;
        kept += !(seen[top >> 3] & (1 << (top & 7)));
        seen[top >> 3] |= (uint8_t)(1 << (top & 7));
    }
    distinct = PyBytes_FromStringAndSize((char *)high, 2 * kept);
    if ((anchors = empty(4 * (Py_ssize_t)held))) {
        uint32_t *low = (uint32_t *)PyBytes_AsString(anchors);
        for (int place = 0; place < held; place++) low[place] = (uint32_t)smallest[place];
    }
end:
    PyBuffer_Release(&words);
    Py_XDECREF(all);
    if (anchors && distinct) return Py_BuildValue("NN", anchors, distinct);
    Py_XDECREF(anchors);
    Py_XDECREF(distinct);
    return NULL;
}

typedef struct {
    uint16_t context, value;
    int is_single;
} Slot;

static int by_context(const void *one, const void *other) {
    return (int)((const Slot *)one)->context - (int)((const Slot *)other)->context;
}

/* title_slots(names, body, occurrences, slots): where the names stand in the body, as streams/dedup/metadata.py says. */
static PyObject *title_slots(PyObject *module, PyObject *arguments) {
    Py_buffer names, body;
    int most, slots, held = 0, kept = 0;
    PyObject *out = NULL;
    Slot *found = NULL;
    int times[MAX_NAMES] = {0};
    if (!PyArg_ParseTuple(arguments, "y*y*ii", &names, &body, &most, &slots)) return NULL;
    const uint64_t *name = names.buf, *word = body.buf;
    int count = (int)(names.len / 8);
    Py_ssize_t last = body.len / 8 - 1;
    if (names.len / 8 > MAX_NAMES || most < 1) {
        PyErr_SetString(PyExc_ValueError, "at most 64 names, each at one place or more");
        goto end;
    }
    if (!(found = PyMem_Malloc(sizeof(Slot) * (size_t)(MAX_NAMES * most)))) {
        PyErr_NoMemory();
        goto end;
    }
    for (int writes = 0; writes < 2; writes++) /* how often each name occurs is known only at the end */
        for (Py_ssize_t place = 1; place < last; place++) {
            int which = 0;
            while (which < count && name[which] != word[place]) which++;
            if (which == count) continue;
            uint16_t value = (uint16_t)(word[place] >> 48);
            for (which = 0; (uint16_t)(name[which] >> 48) != value;) which++;
            if (!writes) {
                times[which]++;
            } else if (times[which] <= most) {
                uint16_t context = (uint16_t)((word[place - 1] ^ (word[place + 1] >> 7)) >> 48);
                int at = 0;
                while (at < held && found[at].context != context) at++;
                if (at == held) found[held++] = (Slot){context, value, 1};
                else found[at].is_single &= found[at].value == value;
            }
        }
    qsort(found, (size_t)held, sizeof(Slot), by_context);
    if (!(out = empty(4 * (Py_ssize_t)(held < slots ? held : slots)))) goto end;
    uint32_t *packed = (uint32_t *)PyBytes_AsString(out);
    for (int at = 0; at < held && kept < slots; at++)
        if (found[at].is_single) packed[kept++] = (uint32_t)found[at].context << 16 | found[at].value;
end:
    PyMem_Free(found);
    PyBuffer_Release(&names);
    PyBuffer_Release(&body);
    if (!out) return NULL;
    PyObject *result = PyBytes_FromStringAndSize(PyBytes_AsString(out), 4 * (Py_ssize_t)kept);
    Py_DECREF(out);
    return result;
}

static PyMethodDef methods[] = {
    {"fold", fold, METH_VARARGS, NULL},
    {"translated", translated, METH_VARARGS, NULL},
    {"largest", largest, METH_O, NULL},
    {"words", words, METH_VARARGS, NULL},
    {"compared", compared, METH_VARARGS, NULL},
    {"title_slots", title_slots, METH_VARARGS, NULL},
    {"shared", shared, METH_VARARGS, NULL},
    {"overlap", overlap, METH_VARARGS, NULL},
    {"place", place, METH_VARARGS, NULL},
    {"take_out", take_out, METH_VARARGS, NULL},
    {"of_two", of_two, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot phases[] = {{0, NULL}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_kernel", NULL, 0, methods, phases, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__kernel(void) { return PyModuleDef_Init(&definition); }
