/* The functions of register.c, for the module's table in kernel.c. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

PyObject *shared(PyObject *module, PyObject *arguments);
PyObject *overlap(PyObject *module, PyObject *arguments);
PyObject *place(PyObject *module, PyObject *arguments);
PyObject *take_out(PyObject *module, PyObject *arguments);
PyObject *of_two(PyObject *module, PyObject *arguments);
