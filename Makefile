# Makefile - the few words a person types; Meson does the building.
#
#   make run      set up, build, serve, make the first video and go on serving (ONCE=1: then stop)
#   make test     set up, build, every test
#   make check    the fast half of the tests
#   make bench    every benchmark, side by side with its peer
#   make format   lay out the sources
#   make install  PREFIX=/usr/local DESTDIR=

PREFIX ?= /usr/local
PORT   ?= 8080

.PHONY: run build test check bench format install clean setup setup-test setup-bench

run: build
	@tools/first-video --port $(PORT) $(if $(filter-out 0,$(ONCE)),--once)

build: setup
	@test -f build/build.ninja || CC=$${CC:-gcc} meson setup build --prefix $(PREFIX) >build.log 2>&1 || \
	    { cat build.log; rm -rf build build.log; exit 1; }
	@rm -f build.log
	@ninja -C build $(if $(V),-v,--quiet)

test: setup-test
	@tools/test all

check: setup-test
	@tools/test fast

bench: setup-bench build
	@tools/bench

format:
	@clang-format -i $$(git ls-files 'src/*.[ch]' 'tests/*.[ch]' 'bench/*.[ch]')

install: build
	@meson configure build --prefix $(PREFIX) && meson install -C build $(if $(DESTDIR),--destdir $(DESTDIR))

clean:
	@rm -rf build build-*

setup:
	@tools/setup build
setup-test:
	@tools/setup test
setup-bench:
	@tools/setup bench
