# One set of warnings for every target of the project; the system's headers are exempt.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wconversion)
if(MLENVCTL_WERROR)
  add_compile_options(-Werror)
endif()
