/* Semihosting: the calls that Arm and RISC-V share. host(operation, arguments) is the board's. */
enum { HOST_OPEN = 1, HOST_PRINT = 4, HOST_WRITE = 5, HOST_READ = 6, HOST_EXIT = 0x20 };

int32_t board_open(const char *name, int writes)
{
    uint32_t length = 0;
    while (name[length] != '\0')
        length++;
    const uint32_t arguments[3] = {(uint32_t)(uintptr_t)name, writes ? 5 : 1, length}; /* "wb", "rb" */
    return (int32_t)host(HOST_OPEN, arguments);
}

uint32_t board_read(int32_t file, void *to, uint32_t bytes)
{
    const uint32_t arguments[3] = {(uint32_t)file, (uint32_t)(uintptr_t)to, bytes};
    return host(HOST_READ, arguments);
}

uint32_t board_write(int32_t file, const void *from, uint32_t bytes)
{
    const uint32_t arguments[3] = {(uint32_t)file, (uint32_t)(uintptr_t)from, bytes};
    return host(HOST_WRITE, arguments);
}

void board_print(const char *text)
{
    host(HOST_PRINT, text);
}

void board_exit(uint32_t status)
{
    const uint32_t arguments[2] = {0x20026, status}; /* the application is done */
    for (;;)
        host(HOST_EXIT, arguments);
}
