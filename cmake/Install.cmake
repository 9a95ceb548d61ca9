# Filled in below: the C++ package (find_package(ppinfer)).
