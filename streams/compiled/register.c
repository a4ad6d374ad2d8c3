/* The loops of the register: what two texts share, and the postings of what is live.

   Each function gives what the Python beside its one caller gives: `shared` and `overlap` those of streams/dedup/overlap.py,
   `place`, `take_out` and `of_two` those of streams/dedup/postings.py; tests/unit/streams/compiled compares them. A cell of the
   postings holds a key above its slot plus one, and 0 when it is empty; the run of a key begins at key * size / 2^32, and an empty
   cell is always at the end of the array. */

#include "register.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    uint8_t bits[8192];
} Marks; /* of each of 65,536 shingles, whether a text has it */

static void mark(Marks *marks, const Py_buffer *shingles) {
    const uint16_t *number = shingles->buf;
    memset(marks->bits, 0, sizeof marks->bits);
    for (Py_ssize_t place = 0; place < shingles->len / 2; place++) marks->bits[number[place] >> 3] |= (uint8_t)(1 << (number[place] & 7));
}

static int has(const Marks *marks, uint16_t shingle) { return marks->bits[shingle >> 3] >> (shingle & 7) & 1; }

/* How many of the first `most` shingles are marked. */
static long marked(const Marks *marks, const Py_buffer *shingles, Py_ssize_t most) {
    const uint16_t *number = shingles->buf;
    long found = 0;
    if (most > shingles->len / 2) most = shingles->len / 2;
    for (Py_ssize_t place = 0; place < most; place++) found += has(marks, number[place]);
    return found;
}

/* shared(one, other): how many of the distinct shingles of one text the other has. */
PyObject *shared(PyObject *module, PyObject *arguments) {
    Py_buffer one, other;
    Marks marks;
    if (!PyArg_ParseTuple(arguments, "y*y*", &one, &other)) return NULL;
    mark(&marks, &one);
    long found = marked(&marks, &other, other.len / 2);
    PyBuffer_Release(&one);
    PyBuffer_Release(&other);
    return PyLong_FromLong(found);
}

/* overlap(one, other, lead, head, other_head): the shared shingles, those among the first `lead` of each text, those among the
   first `head` of the one and `other_head` of the other. */
PyObject *overlap(PyObject *module, PyObject *arguments) {
    Py_buffer one, other;
    Py_ssize_t lead, head, other_head;
    Marks marks, others;
    if (!PyArg_ParseTuple(arguments, "y*y*nnn", &one, &other, &lead, &head, &other_head)) return NULL;
    mark(&marks, &one);
    mark(&others, &other);
    PyObject *found = Py_BuildValue("lllll", marked(&marks, &other, other.len / 2), marked(&others, &one, lead),
                                    marked(&marks, &other, lead), marked(&others, &one, head), marked(&marks, &other, other_head));
    PyBuffer_Release(&one);
    PyBuffer_Release(&other);
    return found;
}

static Py_ssize_t begin_of(uint32_t key, uint64_t size) { return (Py_ssize_t)(key * size >> 32); }

/* place(cells, size, keys, slot, most): gives each key the slot, up to the first key that has `most` already or until the end of
   the array is near; how many keys were given it, and whether the end is near. */
PyObject *place(PyObject *module, PyObject *arguments) {
    Py_buffer cells, keys;
    unsigned long long size;
    unsigned long slot;
    int most, is_full = 0;
    Py_ssize_t done = 0;
    if (!PyArg_ParseTuple(arguments, "w*Ky*ki", &cells, &size, &keys, &slot, &most)) return NULL;
    uint64_t *cell = cells.buf;
    const uint32_t *key = keys.buf;
    Py_ssize_t end = cells.len / 8;
    for (; done < keys.len / 4 && !is_full; done++) {
        Py_ssize_t at = begin_of(key[done], size);
        int same = 0;
        for (; cell[at]; at++) same += cell[at] >> 32 == key[done];
        if (same >= most) break;
        cell[at] = (uint64_t)key[done] << 32 | (slot + 1);
        is_full = at >= end - 2;
    }
    PyBuffer_Release(&cells);
    PyBuffer_Release(&keys);
    return Py_BuildValue("nO", done, is_full ? Py_True : Py_False);
}

/* take_out(cells, size, key, slot): whether the pair was there; what follows it moves back, where that is not before its own
   beginning. */
PyObject *take_out(PyObject *module, PyObject *arguments) {
    Py_buffer cells;
    unsigned long long size;
    unsigned long key, slot;
    if (!PyArg_ParseTuple(arguments, "w*Kkk", &cells, &size, &key, &slot)) return NULL;
    uint64_t *cell = cells.buf, sought = (uint64_t)key << 32 | (slot + 1);
    Py_ssize_t hole = begin_of((uint32_t)key, size);
    while (cell[hole] && cell[hole] != sought) hole++;
    int is_there = cell[hole] != 0;
    if (is_there) {
        for (Py_ssize_t at = hole + 1; cell[at]; at++)
            if (begin_of((uint32_t)(cell[at] >> 32), size) <= hole) {
                cell[hole] = cell[at];
                hole = at;
            }
        cell[hole] = 0;
    }
    PyBuffer_Release(&cells);
    return PyBool_FromLong(is_there);
}

typedef struct {
    uint32_t *slots;
    Py_ssize_t count, room;
} Slots;

/* Puts slots at the end; 0 when there is no memory. */
static int append(Slots *found, const uint32_t *slots, Py_ssize_t count) {
    if (found->count + count > found->room) {
        Py_ssize_t room = 2 * (found->count + count);
        uint32_t *larger = PyMem_Realloc(found->slots, 4 * (size_t)room);
        if (!larger) return 0;
        found->slots = larger;
        found->room = room;
    }
    memcpy(found->slots + found->count, slots, 4 * (size_t)count);
    found->count += count;
    return 1;
}

static int append_of_keys(Slots *found, const uint64_t *cell, uint64_t size, const Py_buffer *keys) {
    const uint32_t *key = keys->buf;
    /* The runs lie anywhere in some hundred megabytes: all are asked for at once, and then waited for. */
    for (Py_ssize_t place = 0; place < keys->len / 4; place++) __builtin_prefetch(cell + begin_of(key[place], size));
    for (Py_ssize_t place = 0; place < keys->len / 4; place++)
        for (Py_ssize_t at = begin_of(key[place], size); cell[at]; at++) {
            uint32_t slot = (uint32_t)cell[at] - 1;
            if (cell[at] >> 32 == key[place] && !append(found, &slot, 1)) return 0;
        }
    return 1;
}

static int by_number(const void *one, const void *other) {
    uint32_t first = *(const uint32_t *)one, second = *(const uint32_t *)other;
    return (first > second) - (first < second);
}

/* of_two(cells, size, keys, more): the slots, in order, that occur twice among those of the keys and `more`. */
PyObject *of_two(PyObject *module, PyObject *arguments) {
    Py_buffer cells, keys, more;
    unsigned long long size;
    Slots found = {NULL, 0, 0};
    PyObject *list = NULL;
    if (!PyArg_ParseTuple(arguments, "y*Ky*y*", &cells, &size, &keys, &more)) return NULL;
    if (!append_of_keys(&found, cells.buf, size, &keys) || !append(&found, more.buf, more.len / 4)) {
        PyErr_NoMemory();
        goto end;
    }
    if (found.count) qsort(found.slots, (size_t)found.count, 4, by_number);
    if (!(list = PyList_New(0))) goto end;
    for (Py_ssize_t place = 1; place < found.count; place++) {
        if (found.slots[place] != found.slots[place - 1]) continue;
        PyObject *slot = PyLong_FromUnsignedLong(found.slots[place]);
        if (!slot || PyList_Append(list, slot)) Py_CLEAR(list);
        Py_XDECREF(slot);
        if (!list) break;
        while (place + 1 < found.count && found.slots[place + 1] == found.slots[place]) place++;
    }
end:
    PyMem_Free(found.slots);
    PyBuffer_Release(&cells);
    PyBuffer_Release(&keys);
    PyBuffer_Release(&more);
    return list;
}
