-- One query a line, about tables t, u and lists of test_dependence.py: what changes its result must be in its dependence.
select b as a from t qualify row_number() over (partition by a order by k) = 1
select b as a from t order by a limit 2
select -a as a, b from t order by a limit 2
select -a as a, b from t order by a + 0 limit 2
select max(a) as b from t group by b
select sum(a) as k from t having k > 10
select k as a, sum(b) over (order by a) as x from t
select a as x, sum(x) over (order by b) as y from t
select (select a from t order by b, k limit 1) as x from u
select x from (select a as x from t) where x in (select b from t)
select t.k, u.c from t full outer join u on t.k = u.k
select t.k, u.c from t right join u on t.k = u.k and t.b > 2
select k from t where a > all (select c from u)
select k from t where (k, b) in (select k, d from u)
select count(distinct (a, b)) as x from t
select list(a order by b, k) as x from t
select arg_max(s, a) as x, arg_min(s, b) as y from t
select any_value(s order by a) as x from t
select percentile_cont(0.5) within group (order by a) as x from t
select quantile_cont(a, 0.5) as x from t
select mode(b) as x from t
select histogram(b) as x from t
select approx_count_distinct(a) as x from t
select s like '%' || b || '%' as x from t
select case when exists (select 1 from u where u.k = t.k) then 1 else 0 end as x from t
select struct_pack(p := a, q := b).q as x from t
select {'p': a, 'q': b}['q'] as x from t
select x.* from (select unnest([{'p': a, 'q': b}], recursive := true) from t) as x
select unnest({'p': a, 'q': b}) from t
select map([k], [a])[2] as x from t
select k, a from t where k = (select max(k) from u where u.d = t.b)
select * from t positional join u
select a from t offset 2
select row_number() over () as x, a from t
select ntile(2) over (order by a) as x from t
select lag(a, b::int) over (order by k, a) as x from t
select lead(a, 1, b) over (order by k, a) as x from t
select sum(a) over (partition by b order by k groups between 1 preceding and current row) as x from t
select first(a order by k desc, b) as x from t
select t1.a from t as t1, t as t2 where t1.k = t2.b
with a as (select k from t), b as (select k from a) select * from b union select d from u
with t as (select k, c as a from u) select a from t
select (with z as (select max(c) as m from u) select m from z) as x from t
select a from t where k in (select k from u union select d from u)
from (from t select a, b) select b
from t select sum(a) group by b
select a as "A b", "A b" + b as x from t
select coalesce(items[1], k) as x from lists
select list_filter(items, i -> i > k) as x from lists
select list_transform(items, (x, i) -> x + i + k) as x from lists
select [x + k for x in items] as y from lists
select len(items) as x from lists
select k from lists where list_contains(items, 3)
select unnest(items) as i, k from lists
select i from lists, unnest(lists.items) as z(i) where i > lists.k
select u2.i from lists cross join unnest(items) as u2(i)
select k, (select sum(i) from unnest(items) as z(i)) as x from lists
select grouping(b) as g, sum(a) as x from t group by grouping sets ((b), ())
select sum(a) as x from t group by cube (b, s)
select a from t group by a, b
select distinct on (k) a from t order by k, b desc
select min(a) filter (b > 4) as x from t
select sum(a) filter (where k in (select k from u)) as x from t
select a between b and k as x from t
select a is distinct from b as x from t
select position(s in 'xyz') as x from t
select substring('abcdef' from b for k) as x from t
select extract('year' from date '2020-01-01' + a * 100) as x from t
select interval (a) day as x from t
select date '2020-01-01' + to_days(a) as x from t
select rank() over w, sum(a) over w from t window w as (partition by b order by k)
select a from t limit (select count(*) from u)
select a from t limit 50%
select case k when (select max(d) from u) then a end as x from t
select if(k > 1, a, b) as x, ifnull(null, s) as y from t
select try(a / b) as x from t
select s[b] as x from t
select greatest(a, b), least(a, k) from t
select exists (from u where c > a) as x from t
select a from t join lateral (select c from u where u.k = t.k limit 1) as l on true
select a, l.c from t left join lateral (select max(c) as c from u where u.d < t.b) as l on true
select * from t semi join u using (k)
select * exclude k from t anti join u using (k)
select * replace (a + b as a) from t
select t.* exclude (s), u.c from t join u using (k)
select k from t union all by name select d as k, c from u
(select k from t) except all (select k from u)
select sum(n) as x from (select count(*) as n from t group by b)
select sum(case when b > 4 then 1 else 0 end) as x from t
select count(case when b > 4 then 1 end) as x from t
with recursive r as (select 1 as n union all select n + 1 from r where n < (select count(*) from t)) select n from r
with recursive r as (select k, d from u union select u.k, u.d from u join r on u.k = r.d) select k from r
select a from t where b > 1 order by all
select t from t
select row(t.a, t.b) as x from t
select to_json(t) as x from t
select x: a + b from t
values (1, 2)
select max(a) over (order by k range between b preceding and current row) as x from t
select string_agg(distinct s, ',' order by s) as x from t
select a::text || s as x from t
select date_part(s2, date '2020-02-03') as x from (select case b when 5 then 'month' else 'day' end as s2 from t)
select json_object('a', a) ->> 'a' as x from t
select coalesce(json_object('a', a) ->> 'a', s) as x from t
select trim((json_object('a', a)) -> 'a', s) as x from t
select length(j -> 'a') as x from (select json_object('a', a) as j from t)
select max(j -> 'a') as x from (select json_object('a', a) as j from t)
select concat(j -> 'a', s) as x from (select json_object('a', a) as j, s from t)
select a from t where rowid < 3
select count(*) from t where rowid in (select rowid from u)
select sum(a) over (partition by b) - a as x from t qualify x > 0
select k, sum(a) as total from t group by all having total > (select avg(c) from u)
select any_value(a) as x from t group by k order by max(b) limit 1
select a from t order by (select max(c) from u where u.k = t.k) nulls last, b limit 2
select date_trunc(s2, date '2020-02-03') as x from (select case b when 5 then 'month' else 'day' end as s2 from t)
with m as (select date_trunc('month', date '2020-01-01' + a) as month, k from t) select month from m where k > 1
select day from t, range(date '2020-01-01', date '2020-01-01' + b, interval 1 day) as days(day)
select l.day from t, lateral (select date_trunc('day', date '2020-01-01' + t.a) as day) as l
select (select date_trunc('day', date '2020-01-01' + t.a)) as day from t
with recursive r as (select 0 as x, c as y, 0 as n from u union all select y, k, n + 1 from r, t where n < 2) select x from r
with recursive r(n, x) as (select 0, 0 union all select n + 1, (select max(c) from u) from r where n < 2) select x from r
with recursive r as ((select 1 as n union select k from t) union select n + 1 from r where n < 3) select n from r
select p from t as renamed(o, p)
select q from (select a, b from t) as renamed(p, q) where p > 10
with w as (select k, a from t) select x.q from w as x(p, q)
select t.k, t2.k from t join u using (k) join t as t2 using (k)
select k from t join u using (k) group by k having count(*) > 1
select sum(a) over w2 as x from t window w as (partition by b), w2 as (w order by k), w3 as (order by s)
select (select sum(c) over v from u window v as (order by d) limit 1) as x, rank() over w from t window w as (order by a) order by k limit 1
select k from (values (1, 'x'), (2, 'y')) as v(k, s) where k in (select b from t)
select k from t union all select c from u except select d from u
select x from (select a as x, b from t union all select c, d from u) where b > 1
select a as b, b as a from t where a > 10 and b < 5
select s || 'x' as z, count(*) as n from t group by z
select max(b) as a from t group by s having max(a) > 10
select max(date '2020-01-01' + a) as day from t where date_trunc('day', date '2020-01-01' + b) > date '2020-01-03'
select 1 as one, k from t group by 1, k
select unnest([a, b]) as v, k from t order by 1 limit 3
select case when k in (select k from u) then 'x' end as k from t
select list_reduce(items || [k], (x, y) -> x + y) as z from lists
