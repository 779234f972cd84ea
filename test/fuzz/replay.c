/* SPDX-License-Identifier: MIT
 *
 * Runs a fuzz target over files without libFuzzer, so that every compiler can.
 *
 *     replay_NAME FILE|DIRECTORY...
 */
#include <dirent.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "fuzz/fuzz.h"

static unsigned long long ran;

static void replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data;
    long size;

    ENSURE(file != NULL);
    ENSURE(fseek(file, 0, SEEK_END) == 0);
    size = ftell(file);
    ENSURE(size >= 0 && fseek(file, 0, SEEK_SET) == 0);
    /* Memory of exactly that length, so that a sanitizer sees a read past it. */
    data = malloc(size > 0 ? (size_t)size : 1);
    ENSURE(data != NULL);
    ENSURE(fread(data, 1, (size_t)size, file) == (size_t)size);
    fclose(file);
    fprintf(stderr, "%s\n", path);
    ENSURE(LLVMFuzzerTestOneInput(data, (size_t)size) == 0);
    free(data);
    ran++;
}

static bool is_file(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static void replay(const char *path)
{
    DIR *directory = opendir(path);
    struct dirent *entry;
    char name[4096];

    if (!directory) {
        replay_file(path);
        return;
    }
    while ((entry = readdir(directory)) != NULL) {
        snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.' && is_file(name))
            replay_file(name);
    }
    closedir(directory);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        replay(argv[i]);
    printf("%llu inputs\n", ran);
    return ran == 0;
}
