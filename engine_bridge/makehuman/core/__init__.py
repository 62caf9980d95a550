"""The drawing core: kernels over plain arrays that know nothing of sliders or styles."""
