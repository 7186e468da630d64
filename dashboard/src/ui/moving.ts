/** Lets elements glide from where they were to where they are, for those who do not prefer reduced motion. */
import { createEffect, onCleanup } from 'solid-js';

const DURATION_MS = 650;
const EASING = 'cubic-bezier(0.22, 1, 0.36, 1)';

/**
 * Animates elements with a `data-moves` key inside `container()` whenever `change()` changes, also if an
 * element with a key was made anew elsewhere.
 */
export function createMoving(container: () => HTMLElement | undefined, change: () => unknown) {
	let before = new Map<string, DOMRect>();
	let frame = 0;
	createEffect(() => {
		change();
		cancelAnimationFrame(frame);
		frame = requestAnimationFrame(() => {
			before = move(container(), before);
		});
	});
	// A layout that changes with the window is no movement.
	const forget = () => (before = new Map());
	addEventListener('resize', forget);
	addEventListener('scroll', forget, { passive: true });
	onCleanup(() => {
		cancelAnimationFrame(frame);
		removeEventListener('resize', forget);
		removeEventListener('scroll', forget);
	});
}

function move(container: HTMLElement | undefined, before: Map<string, DOMRect>): Map<string, DOMRect> {
	const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
	const after = new Map<string, DOMRect>();
	for (const element of container?.querySelectorAll<HTMLElement>('[data-moves]') ?? []) {
		const key = element.dataset.moves as string;
		const now = element.getBoundingClientRect();
		after.set(key, now);
		const old = before.get(key);
		if (still || before.size === 0) continue;
		if (!old) {
			element.animate([{ opacity: 0, transform: 'translateY(8px)' }, {}], { duration: DURATION_MS, easing: EASING });
			continue;
		}
		const [x, y] = [old.left - now.left, old.top - now.top];
		if (Math.abs(x) < 1 && Math.abs(y) < 1) continue;
		element.animate([{ transform: `translate(${x}px, ${y}px)` }, { transform: 'none' }], {
			duration: DURATION_MS,
			easing: EASING,
		});
	}
	return after;
}
