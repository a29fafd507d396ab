/* The speed and the memory of reading one table:
 *
 *     table_speed FILE.csv VALUES CLASSES
 *
 * Prints the processor seconds of one thread, the megabytes of the file read per second, the largest memory of the
 * process and the memory of the values, in MiB. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "data/schema.h"
#include "data/table/table.h"

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(int count, char **arguments)
{
    struct stat facts;
    if (count != 4 || stat(arguments[1], &facts) != 0) {
        fputs("usage: table_speed FILE.csv VALUES CLASSES\n", stderr);
        return 2;
    }
    br_notes notes = {0};
    br_schema schema = {0};
    br_array array = {0}, *list = &array;
    br_table layout = {0};
    br_tables *tables;
    br_error error;
    br_tables_spec spec = {.values = (uint32_t)atoi(arguments[2]),
                           .classes = (uint32_t)atoi(arguments[3]),
                           .check_range = true,
                           .high = 255,
                           .notes = &notes};
    double begin = now();
    if (br_tables_new(&spec, &tables, &error) != 0 ||
        br_tables_read(tables, arguments[1], &layout, BT_SPLIT_TRAIN, &array, &error) != 0 ||
        br_tables_finish(tables, &list, 1, &schema, &error) != 0) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    double seconds = now() - begin, size = (double)(array.count * br_array_values(&array));
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%.2f %.0f %.0f %.0f\n", seconds, (double)facts.st_size / 1e6 / seconds, (double)usage.ru_maxrss / 1024,
           (array.bytes != NULL ? size : 4 * size) / 1048576);
    br_tables_free(tables);
    br_array_free(&array);
    br_schema_clear(&schema);
    br_notes_free(&notes);
    return 0;
}
